"""When what every clock goes by was last changed: each change has a moment of its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlalchemy.orm import Session

from engine.models import Setting

CALENDARS = "calendar."
EMERGENCY = "emergency"
TICK = timedelta(microseconds=1)


def watched() -> ColumnElement[bool]:
    """Return the settings that calendars and emergency profiles are read again for."""
    return or_(Setting.key.like(f"{CALENDARS}%"), Setting.key == EMERGENCY)


def in_force() -> ScalarSelect[datetime]:
    """Return the moment of the last change, as a subquery for a caller's own statement."""
    return select(func.max(Setting.changed_at)).where(watched()).scalar_subquery()


def touch(db: Session, key: str, value: Any, now: datetime) -> None:
    """Store a setting; from the commit on, every process reads again.

    Two changes at one moment would look like one to whoever had read the first.
    """
    last = db.scalar(select(in_force()))
    at = now if last is None or now > last else last + TICK
    db.merge(Setting(key=key, value=value, changed_at=at))
    db.flush()
