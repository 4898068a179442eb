"""What counts once: solved puzzles and challenges are remembered until they expire."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from engine.models import SpentProof
from engine.storage.db import insert_into


def spend(db: Session, text: str, until_at: datetime, *, now: datetime) -> bool:
    """Return whether this is the first time that ``text`` is used; expired ones are forgotten."""
    db.execute(delete(SpentProof).where(SpentProof.until_at <= now))
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    kept = insert_into(db, SpentProof).values(digest=digest, until_at=until_at)
    # The row itself is asked for: the number of rows is not known of every driver.
    first = kept.on_conflict_do_nothing().returning(SpentProof.digest)
    return db.execute(first).first() is not None
