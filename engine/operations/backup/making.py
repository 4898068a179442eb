"""Making a backup: the database's snapshot first, then the files that its rows refer to."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from engine import settings
from engine.models import Setting
from engine.operations.backup import databases
from engine.operations.backup.sealing import BackupEncryptor
from engine.records import anchor_file
from engine.storage import schema
from engine.storage.db import transaction

LAST = "backup.last"
# Keys without which a restored database would call every case edited, and find nobody.
KEYS = ("audit", "index")
MANIFEST, DATABASE, FILES, ANCHORS = "manifest.json", "database", "files", "anchors.log"


@dataclass(frozen=True)
class BackupReport:
    """What a backup holds; ``missing`` are files that rows refer to and the disk has lost."""

    at: str
    bytes: int
    rows: int
    files: int
    missing: int


def make(target: Path, *, now: datetime) -> BackupReport:
    """Write a backup to ``target``, which must not exist; it appears there when it is whole.

    A file was on the disk before its row was committed, and is never changed: what the snapshot
    refers to can be copied after it. Raises NotEmpty or ToolMissing.
    """
    if target.exists():
        raise databases.RestoreTargetNotEmpty(str(target))
    chosen = settings.current()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        dump, sealed = Path(folder, DATABASE), Path(folder, "sealed")
        with databases.snapshot(chosen.database_url, dump) as session:
            rows, digests = databases.counts(session), databases.digests(session)
            anchors = databases.anchored(session)
        there = [one for one in digests if _file(one).exists()]
        manifest = _manifest(dump, rows, there, now) | {"anchors": anchors}
        with sealed.open("xb") as raw, BackupEncryptor(raw, chosen.vault_keys[0]) as stream:
            _pack(stream, manifest, dump, there)
            stream.close()
            raw.flush()
            os.fsync(raw.fileno())
        sealed.chmod(0o600)
        sealed.rename(target)
    missing = len(digests) - len(there)
    size = target.stat().st_size
    report = BackupReport(now.isoformat(), size, sum(rows.values()), len(there), missing)
    _remember(report, target, now)
    return report


def _manifest(dump: Path, rows: dict[str, int], files: list[str], now: datetime) -> dict[str, Any]:
    url = settings.current().database_url
    return {
        "made_at": now.isoformat(),
        "database": databases.kind_of(url),
        "revision": schema.current(url),
        "digest": _digest(dump),
        "rows": rows,
        "files": files,
        "keys": fingerprints(),
    }


def fingerprints() -> dict[str, str]:
    """Return what tells the keys of this installation from others, without giving them away."""
    chosen = settings.current()
    keys = {"audit": chosen.audit_key, "index": chosen.index_key}
    return {
        name: hmac.digest(keys[name].encode(), b"fengqiao key fingerprint", "sha256").hex()[:16]
        for name in KEYS
    }


def _pack(stream: BackupEncryptor, manifest: dict[str, Any], dump: Path, files: list[str]) -> None:
    anchors = settings.current().anchor_file
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        _add_bytes(archive, MANIFEST, json.dumps(manifest).encode())
        archive.add(dump, DATABASE)
        if anchors is not None and anchors.exists():
            # As of the snapshot: a worker may have anchored since.
            content = anchor_file.up_to(anchors.read_bytes(), manifest["anchors"]["last"])
            _add_bytes(archive, ANCHORS, content)
        for digest in files:
            archive.add(_file(digest), f"{FILES}/{digest}")


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def _file(digest: str) -> Path:
    return settings.current().data_dir / "files" / digest[:2] / digest


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remember(report: BackupReport, target: Path, now: datetime) -> None:
    """For the page of operations: when the last one was made and how large it is."""
    value = {"at": report.at, "file": target.name, "bytes": report.bytes, "missing": report.missing}
    with transaction() as db:
        db.merge(Setting(key=LAST, value=value, changed_at=now))
