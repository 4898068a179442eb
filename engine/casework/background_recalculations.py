"""Recalculations in the background: after a calendar, an emergency profile or the escalation table
has changed, the worker recalculates the open clocks, one case a transaction.

A case twice is as good as once, so a killed worker loses nothing; one broken case is counted
and left, and the rest goes on.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from engine import org
from engine.casework import recalculation
from engine.casework.case_lock import begin, lock_case
from engine.models import Case, Demand, Recalculation, Task
from engine.timing import recalculation_requests

# A transaction that read what held before commits well within this time; then one pass is all.
SETTLE = timedelta(seconds=15)


def rearm_open(db: Session, by_id: int | None, *, now: datetime) -> Recalculation:
    """Give open tasks the rungs of the escalation table in force, from now on.

    Without this, they keep those of the version under which their clocks started; what has
    fired stays as it was.
    """
    return recalculation_requests.ask(db, recalculation.TABLE, now=now, by_id=by_id)


def pending(db: Session) -> list[Recalculation]:
    """Recalculations that are not finished, oldest first."""
    return list(
        db.scalars(
            select(Recalculation).where(Recalculation.done_at.is_(None)).order_by(Recalculation.id)
        )
    )


def ready(db: Session, now: datetime) -> list[int]:
    """Return ids of recalculations that may begin or go on."""
    return [job.id for job in pending(db) if now - job.at >= SETTLE]


def batch(db: Session, job_id: int, size: int = 200) -> list[int]:
    """Return the next open cases of a recalculation."""
    job = db.get_one(Recalculation, job_id)
    called = select(Demand.case_id).where(Demand.closed_at.is_(None), Demand.answered_at.is_(None))
    opened: ColumnElement[bool] = Case.closed_at.is_(None)
    if job.unit_id is not None:
        within = org.subtree_ids(job.unit_id)
        of_unit = select(Task.id).where(
            Task.case_id == Case.id, Task.done_at.is_(None), Task.unit_id.in_(within)
        )
        opened = and_(opened, of_unit.exists())
        called = called.where(or_(Demand.unit_id.in_(within), Demand.issuer_id.in_(within)))
    if job.reason == recalculation.CALENDAR:
        # What a unit is called to answer, it answers although the case has ended.
        opened = or_(opened, Case.id.in_(called))
    query = select(Case.id).where(Case.id > job.cursor, opened)
    return list(db.scalars(query.order_by(Case.id).limit(size)))


def one(db: Session, job_id: int, case_id: int, now: datetime) -> int:
    """Recalculate one case; return how many of its deadlines moved."""
    reason = db.get_one(Recalculation, job_id).reason
    case = lock_case(db, case_id)
    if case is None or (case.closed_at is not None and reason != recalculation.CALENDAR):
        return 0
    work = begin(db, case, None, "clock.recount", now=now)
    return recalculation.recalculate(db, work, reason)


def advance(db: Session, job_id: int, ids: list[int], changed: int, failed: int) -> None:
    """Note what was worked off."""
    job = db.get_one(Recalculation, job_id, with_for_update=True)
    job.cursor = max(job.cursor, ids[-1])
    job.changed += changed
    job.failed += failed


def finish(db: Session, job_id: int, now: datetime) -> None:
    """Mark the recalculation as finished."""
    job = db.get_one(Recalculation, job_id, with_for_update=True)
    job.done_at = job.done_at or now
