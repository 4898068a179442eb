"""The file outside the database that holds the anchors: only ever appended to."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from engine import settings
from engine.models import Anchor

TAIL = 1 << 16  # bytes read at a time from the end of the file


@dataclass(frozen=True)
class FileEnd:
    """The hash on the last whole line, empty where there is none; whether the file ends there."""

    hash: str
    whole: bool


def path() -> Path | None:
    """Return where it lies, as the setting says."""
    return settings.current().anchor_file


def append(rows: Iterable[Anchor], after: FileEnd) -> int:
    """Add a line for each anchor and see them safe on the disk; return how many."""
    target, count = path(), 0
    assert target is not None
    with open(target, "a") as file:
        # Half a line, left by a full disk, stays alone.
        lead = "" if after.whole else "\n"
        for row in rows:
            line = {"at": row.at.isoformat(), "heads": row.heads, "hash": row.hash}
            file.write(lead + json.dumps(line) + "\n")
            lead, count = "", count + 1
        file.flush()
        os.fsync(file.fileno())
    return count


def locked() -> Any:
    """Return the file, made if it is not there, for one process at a time. Closed by the caller."""
    target = path()
    assert target is not None
    target.parent.mkdir(parents=True, exist_ok=True)
    # Only ever appended to, so that the file may be one that allows nothing else.
    file = open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a")  # noqa: SIM115
    # Two workers would write into each other's lines.
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def end() -> FileEnd:
    """Return how the file ends."""
    target = path()
    if target is None or not target.exists():
        return FileEnd("", True)
    with open(target, "rb") as file:
        at = file.seek(0, os.SEEK_END)
        tail = b""
        # Three ends of lines hold two lines, of which one may have been cut off by a full disk.
        while at > 0 and tail.count(b"\n") < 3:
            start = max(at - TAIL, 0)
            file.seek(start)
            tail = file.read(at - start) + tail
            at = start
    lines = map(_parsed, reversed(tail.splitlines()))
    hashes = (str(line["hash"]) for line in lines if line is not None)
    return FileEnd(next(hashes, ""), not tail or tail.endswith(b"\n"))


def lines() -> Iterator[dict[str, Any] | None]:
    """Yield the file's lines; None for one that cannot be read.

    Half a line, left by a full disk or a crash, is none: it stands again, whole, on the next.
    """
    target = path()
    if target is None or not target.exists():
        return
    half = b""
    with open(target, "rb") as file:
        for line in filter(None, map(bytes.strip, file)):
            found = _parsed(line)
            if half and not line.startswith(half):
                yield None
            half = line if found is None else b""
            if found is not None:
                yield found


def up_to(content: bytes, last: str | None) -> bytes:
    """Return the file as it was when ``last`` was the newest anchor: without the lines after it."""
    kept: list[bytes] = []
    for line in content.splitlines(keepends=True):
        kept.append(line)
        found = _parsed(line)
        if found is not None and found["hash"] == last:
            return b"".join(kept)
    return content


def content_of(at: datetime, heads: Any) -> bytes:
    """Return what a line says besides its hash, shortened."""
    return sha256(f"{at.astimezone(UTC).isoformat()}{json.dumps(heads)}".encode()).digest()


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and {"at", "hash", "heads"} <= found.keys() else None
