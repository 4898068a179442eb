"""Restoring: everything is unpacked and proved beside its place before anything is put into it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine import settings
from engine.errors import DomainError
from engine.models import Anchor
from engine.operations.backup import databases
from engine.operations.backup.making import ANCHORS, DATABASE, FILES, MANIFEST, fingerprints
from engine.operations.backup.sealing import BackupDecryptor, DamagedBackup
from engine.records import anchor_file
from feel.text import Text

DIGEST = re.compile(r"[0-9a-f]{64}")
CHUNK = 1024 * 1024


class OtherDatabase(DomainError):
    """The backup was made of the other database system."""

    def __init__(self, made_of: str) -> None:
        super().__init__(
            made_of,
            text=Text(
                f"备份来自 {made_of}，只能恢复到同一种数据库。",
                f"The backup was made of {made_of} and can only be restored into one.",
            ),
        )


class KeysDiffer(DomainError):
    """The backup was made with another audit or index key than the settings have."""

    def __init__(self, names: list[str]) -> None:
        listed = ", ".join(f"FENGQIAO_{name.upper()}_KEY" for name in names)
        super().__init__(
            *names,
            text=Text(
                f"密钥与制作备份时不同：{listed}。恢复后每件事项都会显示为被改动，因此没有恢复。",
                f"Other keys than those of the backup: {listed}. Every case would look edited; "
                "nothing was restored.",
            ),
        )


class AnchorsDiffer(DomainError):
    """What was restored does not hold the anchors that the backup says it does."""

    text = Text(
        "恢复后的锚点与备份清单不符。",
        "The restored anchors are not those of the backup's manifest.",
    )


def check(source: Path) -> dict[str, Any]:
    """Read a backup to its end and prove every part; return its manifest.

    Raises DamagedBackup or KeysDiffer.
    """
    with _unpacked(source, source.parent) as (manifest, _folder):
        _require_keys(manifest)
        return manifest


def restore(source: Path) -> dict[str, Any]:
    """Restore into the empty database and folder of the settings; return the manifest.

    Sessions and tokens have ended.

    What the anchor file in place knows beyond the backup is counted in the manifest as ``lost``.
    Raises DamagedBackup, NotEmpty, OtherDatabase, KeysDiffer or ToolMissing; then nothing was
    written.
    """
    chosen = settings.current()
    files = chosen.data_dir / FILES
    if files.exists() and any(files.iterdir()):
        raise databases.RestoreTargetNotEmpty(str(files))
    databases.require_empty(chosen.database_url)
    chosen.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _unpacked(source, chosen.data_dir) as (manifest, folder):
        _require_keys(manifest)
        if manifest["database"] != databases.kind_of(chosen.database_url):
            raise OtherDatabase(str(manifest["database"]))
        databases.load(chosen.database_url, folder / DATABASE)
        _put_files(folder / FILES, files)
        anchors = folder / ANCHORS
        if anchors.exists() and chosen.anchor_file is not None and not chosen.anchor_file.exists():
            shutil.move(anchors, chosen.anchor_file)
    with databases.opened(chosen.database_url) as session:
        if databases.counts(session, manifest["rows"]) != manifest["rows"]:
            raise DamagedBackup()
        known = manifest.get("anchors")
        if known is not None and databases.anchored(session) != known:
            raise AnchorsDiffer()
        here = set(session.scalars(select(Anchor.hash)))
    databases.end_sessions(chosen.database_url)
    outside = [line["hash"] for line in anchor_file.lines() if line is not None]
    return {**manifest, "lost": sum(one not in here for one in outside)}


def _require_keys(manifest: dict[str, Any]) -> None:
    """Backups of earlier releases do not say which keys they were made with."""
    said, ours = manifest.get("keys", {}), fingerprints()
    other = [name for name in ours if said.get(name, ours[name]) != ours[name]]
    if other:
        raise KeysDiffer(other)


@contextmanager
def _unpacked(source: Path, beside: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    with tempfile.TemporaryDirectory(dir=beside, prefix=".restore-") as name:
        folder = Path(name)
        with source.open("rb") as raw:
            _unpack(BackupDecryptor(raw, settings.current().vault_keys), folder)
        yield _verified_manifest(folder), folder


def _unpack(stream: BackupDecryptor, folder: Path) -> None:
    (folder / FILES).mkdir()
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for entry in archive:
                target = _target(folder, entry)
                content = archive.extractfile(entry)
                assert content is not None
                # To nobody but the service, whatever the shell that restores lets others read.
                number = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with open(number, "wb") as file:
                    shutil.copyfileobj(content, file, CHUNK)
    except (tarfile.TarError, OSError) as error:
        raise DamagedBackup() from error
    # To the very end, so that a tail which was cut off is found.
    while stream.read(CHUNK):
        continue


def _target(folder: Path, entry: tarfile.TarInfo) -> Path:
    """Return where an entry goes: only names that a backup has, so none leads outside."""
    head, _, digest = entry.name.partition("/")
    known = entry.name in (MANIFEST, DATABASE, ANCHORS)
    if not entry.isreg() or not (known or (head == FILES and DIGEST.fullmatch(digest))):
        raise DamagedBackup(entry.name)
    return folder / entry.name


def _verified_manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    there = sorted(path.name for path in (folder / FILES).iterdir())
    if there != sorted(manifest["files"]) or _digest(folder / DATABASE) != manifest["digest"]:
        raise DamagedBackup()
    wrong = [path for path in (folder / FILES).iterdir() if _digest(path) != path.name]
    if wrong:
        raise DamagedBackup()
    return manifest


def _put_files(source: Path, target: Path) -> None:
    for path in source.iterdir():
        place = target / path.name[:2]
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.move(path, place / path.name)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
