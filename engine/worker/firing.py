"""How due rows are fired: each exactly once, across crashes and many workers.

Many workers sweep at once, people act meanwhile, and any process may die at any line:

1. A sweep looks for rows whose time has come, without locking. What it finds may be gone soon.
2. For each it locks the case first. A case that somebody holds is skipped, not waited for: its
   row stays, and the next sweep finds it.
3. The row is read again under the lock. If it is gone, or its time was moved, somebody was
   faster, and nothing is done.
4. What the row stands for is done, and the row is deleted, in this one transaction.
5. A crash before the commit undoes both, so the row fires later; after it both are done. There
   is no moment between.
6. A row that fails is rolled back alone, noted as an incident, and put off by itself, so that
   a broken case never holds up the sweep.

One alone, or those of many cases in one transaction where none holds up another.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, BindParameter, Row, Select, and_, bindparam, select
from sqlalchemy.orm import Session, joinedload

from engine.casework import incidents
from engine.casework.case_lock import is_troubled, lock_case, rejoin, work_on, write_once
from engine.casework.case_work import CaseWork
from engine.definitions import versions
from engine.errors import NotFound
from engine.models import Case, CaseState, Due, Task
from engine.models.base import UtcDateTime
from engine.records import attempts
from engine.timing import config_stamp
from engine.worker import escalation, rungs

# Minutes until a due row is tried again after its firing failed.
RETRY = (1, 5, 15, 60)


class FiringCandidate(NamedTuple):
    """A due row whose time has come, and whether it must be fired in a transaction of its own."""

    due_id: int
    case_id: int
    alone: bool


def candidates(db: Session, now: datetime, batch: int = 400) -> list[FiringCandidate]:
    """Due rows whose time has come, oldest first; looks without locking."""
    come = select(Due.id, Due.case_id, Due.kind, Due.data).where(Due.fire_at <= now)
    rows = db.execute(come.order_by(Due.fire_at, Due.id).limit(batch))
    return [
        FiringCandidate(row.id, row.case_id, not escalation.together(row.kind, row.data))
        for row in rows
    ]


def fire(db: Session, due_id: int, now: datetime) -> str | None:
    """Fire one due row; return its kind, or None if it is gone or another worker has it.

    Locks the case first and re-reads the row after: fired exactly once across crashes and
    workers, because the row goes in the transaction that holds everything it did.
    """
    begun = _begin(db, due_id, now=now)
    if begun is None:
        return None
    work, due = begun
    escalation.act(db, work, due)
    if work.troubled:
        incidents.settle(db, work)
    return due.kind


def fire_together(db: Session, due_ids: Sequence[int], now: datetime) -> tuple[set[int], set[int]]:
    """Fire due rows of as many cases in one transaction; return those fired, and those left.

    The rules are those of ``fire``: cases locked first, rows read after, gone with what they did.
    Left are rows of cases with an incident, which have to be fired alone. In neither is what is
    gone, or another's. Where one fails all fail: the caller then fires each alone.
    """
    begun = _begin_all(db, due_ids, now=now)
    left = {due.id for work, due in begun if work.troubled}
    mine = [(work, due) for work, due in begun if due.id not in left]
    rungs.look_up(db, mine, now)
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


def _begin(db: Session, due_id: int, *, now: datetime) -> tuple[CaseWork, Due] | None:
    """Lock the case of a due row and load what firing it needs, in two statements.

    None where another worker holds the case, or the row is gone: it is read after the lock.
    Raises NotFound for a case without a state.
    """
    for case, row in _locked_dues(db, [due_id], now):
        work = _due_work(db, case, row, now)
        attempts.declare(db, work.attempt())
        return work, row[0]
    return None


def _begin_all(db: Session, due_ids: Sequence[int], *, now: datetime) -> list[tuple[CaseWork, Due]]:
    """Return the same for due rows of different cases, in two statements; those of others are left
    out.

    What fails is nobody's attempt in particular: it is made again for each row by itself.
    """
    return [(_due_work(db, case, row, now), row[0]) for case, row in _locked_dues(db, due_ids, now)]


def _locked_dues(db: Session, due_ids: Sequence[int], now: datetime) -> list[tuple[Case, Row[Any]]]:
    write_once(db)
    asked = {"dues": due_ids}
    cases = {case.id: case for case in db.scalars(_cases_of_dues(), asked).unique()}
    if not cases:
        return []
    for case in cases.values():
        rejoin(db, case)
    rows = db.execute(_dues_and_states(), {**asked, "now": now})
    return [(cases[row[0].case_id], row) for row in rows if row[0].case_id in cases]


def _due_work(db: Session, case: Case, row: Row[Any], now: datetime) -> CaseWork:
    due, state, *_ = row
    if state is None:
        raise NotFound(case.id)
    return work_on(db, case, row[1:], None, f"fire.{due.kind}", now=now, due_id=due.id)


def _dues() -> BindParameter[Any]:
    return bindparam("dues", type_=BigInteger, expanding=True)


@lru_cache(maxsize=1)
def _cases_of_dues() -> Select[tuple[Case]]:
    """Built once, as all that is asked thousands of times a minute."""
    return (
        select(Case)
        .where(Case.id.in_(select(Due.case_id).where(Due.id.in_(_dues()))))
        .options(joinedload(Case.place), joinedload(Case.department))
        .with_for_update(of=Case, skip_locked=True, key_share=True)
        .execution_options(populate_existing=True)
    )


@lru_cache(maxsize=1)
def _dues_and_states() -> Select[Any]:
    now = bindparam("now", type_=UtcDateTime)
    return (
        select(
            Due,
            CaseState,
            Task,
            versions.table_in_force(now),
            config_stamp.in_force(),
            is_troubled(CaseState),
        )
        .outerjoin(CaseState, CaseState.case_id == Due.case_id)
        .outerjoin(Task, and_(Task.case_id == Due.case_id, Task.id == Due.task_id))
        .where(Due.id.in_(_dues()), Due.fire_at <= now)
        .order_by(Due.fire_at, Due.id)
        .options(joinedload(Task.unit))
        .execution_options(populate_existing=True)
    )
