"""Photographs that citizens sent: coded again in a child, then filed with their case."""

from __future__ import annotations

from datetime import datetime

from engine.citizens import photos
from engine.errors import InvalidInput
from engine.storage.db import reading, transaction


def code_again(now: datetime) -> dict[str, int]:
    """Work off what waits; where the child is busy the rest waits for the next tick."""
    with reading() as db:
        waiting = photos.waiting(db)
    filed = 0
    for photo_id in waiting:
        with reading() as db:
            content = photos.opened(db, photo_id)
        if content is None:
            continue
        try:
            upload = photos.coded_again(content)
        except InvalidInput:
            break
        with transaction() as db:
            filed += photos.file_away(db, photo_id, upload, now=now)
    return {"filed": filed}
