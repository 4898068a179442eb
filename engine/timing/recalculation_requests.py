"""Requests to recalculate open deadlines; the worker answers them (``casework.recalculations``)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from engine.models import Recalculation


def ask(
    db: Session,
    reason: str,
    *,
    now: datetime,
    unit_id: int | None = None,
    by_id: int | None = None,
) -> Recalculation:
    """Request that the open clocks of a unit and all under it, or all, are recalculated."""
    job = Recalculation(reason=reason, unit_id=unit_id, at=now, by_id=by_id)
    db.add(job)
    return job
