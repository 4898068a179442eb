"""Passwords that somebody had before, as hashes: a new one is none of the last few."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import settings
from engine.models import FormerPassword, User, new_id


def replace(db: Session, user: User, password_hash: str, *, now: datetime) -> None:
    """Give the user another password, and remember the one that goes as long as it counts."""
    keep = settings.current().password_history
    if keep:
        former = FormerPassword(
            id=new_id(), user_id=user.id, password_hash=user.password_hash, at=now
        )
        db.add(former)
        db.flush()
    user.password_hash, user.password_at = password_hash, now
    mine = FormerPassword.user_id == user.id
    newest = select(FormerPassword.id).where(mine).order_by(FormerPassword.id.desc()).limit(keep)
    db.execute(delete(FormerPassword).where(mine, FormerPassword.id.not_in(newest)))


def hashes(db: Session, user_id: int) -> list[str]:
    """Return the hashes of the passwords that are not taken again, the newest first."""
    mine = select(FormerPassword.password_hash).where(FormerPassword.user_id == user_id)
    keep = settings.current().password_history
    return list(db.scalars(mine.order_by(FormerPassword.id.desc()).limit(keep)))
