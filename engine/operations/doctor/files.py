"""Attachments and the files that hold them, by content hash, a folder of hashes at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import settings
from engine.models import Attachment
from engine.operations.doctor.findings import Discrepancy
from feel.text import Text

CHECK = "files"
# The file is written before its row is committed, and the worker removes what got none after a
# day; only what lies longer is a finding.
YOUNG = timedelta(days=2)
FOLDERS = tuple(f"{number:02x}" for number in range(256))
AT_ONCE = 2000


def examine(db: Session, now: datetime, *, contents: bool) -> Iterator[Discrepancy]:
    """Check both ways; with ``contents`` every file is read and hashed again."""
    yield from _in_clear(db)
    root = settings.current().data_dir / "files"
    for prefix, rows in _by_folder(db):
        folder = root / prefix
        there = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}
        yield from _lost(rows, there, contents)
        for name in sorted(there.keys() - {row.digest for row in rows}):
            if now.timestamp() - there[name].stat().st_mtime > YOUNG.total_seconds():
                text = Text(f"文件 {name[:16]} 不属于任何附件", f"the file {name[:16]} is nobody's")
                yield Discrepancy(CHECK, "orphan", text)


def _in_clear(db: Session) -> Iterator[Discrepancy]:
    """Yield what a reporter's file says of place and time is encrypted, once keys are at hand."""
    clear = select(Attachment.id, Attachment.case_id).where(
        Attachment.sealed, Attachment.claims.is_(None)
    )
    text = Text(
        "保密附件的拍摄时间地点没有加密；运行 fengqiao init 即可",
        "what a sealed file says of place and time is not encrypted; fengqiao init mends it",
    )
    for row in db.execute(clear):
        yield Discrepancy(CHECK, "in-clear", text, row.case_id, row.id)


def _by_folder(db: Session) -> Iterator[tuple[str, list[Any]]]:
    """Yield every folder there may be, with the rows of its files; read once, in the index's
    order.
    """
    columns = (Attachment.id, Attachment.case_id, Attachment.digest, Attachment.size)
    query = select(*columns).order_by(Attachment.digest, Attachment.id)
    found = db.execute(query.execution_options(yield_per=AT_ONCE))
    seen = set()
    for prefix, rows in groupby(found, key=lambda row: row.digest[:2]):
        seen.add(prefix)
        yield prefix, list(rows)
    yield from ((folder, []) for folder in FOLDERS if folder not in seen)


def _lost(rows: list[Any], there: dict[str, Path], contents: bool) -> Iterator[Discrepancy]:
    for row in rows:
        path = there.get(row.digest)
        if path is None:
            text = Text(
                f"附件的文件 {row.digest[:16]} 不在磁盘上",
                f"the file {row.digest[:16]} of an attachment is not on the disk",
            )
            yield Discrepancy(CHECK, "lost", text, row.case_id, row.id)
        elif path.stat().st_size != row.size or (contents and _digest(path) != row.digest):
            text = Text(
                f"附件的文件 {row.digest[:16]} 已被改动",
                f"the file {row.digest[:16]} of an attachment is not what was uploaded",
            )
            yield Discrepancy(CHECK, "changed", text, row.case_id, row.id)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
