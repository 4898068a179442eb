"""How due rows are fired: each exactly once, across crashes and many workers.

One alone, or those of many cases in one transaction where none holds up another.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import escalation, incidents
from engine.models import Due
from engine.work import begin_due, begin_dues, lock_case

# Minutes until a due row is tried again after its firing failed.
RETRY = (1, 5, 15, 60)


class Candidate(NamedTuple):
    """A due row whose time has come, and whether it must be fired in a transaction of its own."""

    due_id: int
    case_id: int
    alone: bool


def candidates(db: Session, now: datetime, batch: int = 400) -> list[Candidate]:
    """Due rows whose time has come, oldest first; looks without locking."""
    come = select(Due.id, Due.case_id, Due.kind, Due.data).where(Due.fire_at <= now)
    rows = db.execute(come.order_by(Due.fire_at, Due.id).limit(batch))
    return [
        Candidate(row.id, row.case_id, not escalation.together(row.kind, row.data)) for row in rows
    ]


def fire(db: Session, due_id: int, now: datetime) -> str | None:
    """Fire one due row; returns its kind, or None if it is gone or another worker has it.

    Locks the case first and re-reads the row after: fired exactly once across crashes and
    workers, because the row goes in the transaction that holds everything it did.
    """
    begun = begin_due(db, due_id, now=now)
    if begun is None:
        return None
    work, due = begun
    escalation.act(db, work, due)
    if work.troubled:
        incidents.settle(db, work)
    return due.kind


def fire_together(db: Session, due_ids: Sequence[int], now: datetime) -> tuple[set[int], set[int]]:
    """Fire due rows of as many cases in one transaction; returns those fired, and those left.

    The rules are those of ``fire``: cases locked first, rows read after, gone with what they did.
    Left are rows of cases with an incident, which have to be fired alone. In neither is what is
    gone, or another's. Where one fails all fail: the caller then fires each alone.
    """
    begun = begin_dues(db, due_ids, now=now)
    left = {due.id for work, due in begun if work.troubled}
    mine = [(work, due) for work, due in begun if due.id not in left]
    escalation.look_up(db, mine, now)
    for work, due in mine:
        escalation.act(db, work, due)
    return {due.id for _, due in mine}, left


def postpone(db: Session, due_id: int, now: datetime) -> None:
    """Try a failed row again later, so that a broken case never blocks the sweep."""
    of_due = select(Due.case_id).where(Due.id == due_id).scalar_subquery()
    if lock_case(db, of_due) is None:
        return
    due = db.get(Due, due_id, populate_existing=True)
    if due is not None:
        due.fire_at = now + timedelta(minutes=RETRY[min(due.failures, len(RETRY) - 1)])
        due.failures += 1
