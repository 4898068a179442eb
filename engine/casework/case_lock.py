"""The lock of a case, which everybody takes first, and what is read after it.

Two people and a worker may want the same case at once. What keeps them apart:

1. The case's row is locked before anything else of the case is read or written. Everybody
   begins with this one row, the worker too, so nobody waits for somebody who waits for them.
   Who locks several cases takes them in the order of their ids, or skips those that are held.
2. State, tasks and due rows are read after the lock: what was read before it may be another's
   past. A task found open before the wait may be done after it, so it is asked again.
3. PostgreSQL gives a row that was waited for as it is then, but not what was joined to it
   under a key that has changed meanwhile; ``rejoin`` has that read again.
4. SQLite has one writer: its transaction is begun as a writing one, and waits at its begin.
5. The lock is held until the commit, which writes everything that the step did, or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    exists,
    select,
)
from sqlalchemy.orm import Session, joinedload

from engine.access import confidentiality
from engine.access.actors import Actor
from engine.casework.case_work import CaseWork
from engine.casework.clockwork import clockwork
from engine.definitions import versions
from engine.errors import NotFound
from engine.models import Case, CaseState, IncidentRow, Task, Unit
from engine.models.base import STAMPED_LEVELS, UtcDateTime
from engine.records import attempts
from engine.timing import config_stamp

# What a step asks of a unit; the rest is read when somebody asks for it.
_PLAIN = (
    Unit.code,
    Unit.name,
    Unit.level,
    Unit.kind,
    *(getattr(Unit, f"at_{level}") for level in STAMPED_LEVELS),
)


def lock_case(
    db: Session, case_id: int | ScalarSelect[int], *, skip_locked: bool = False
) -> Case | None:
    """Lock the case row, which everybody locks first; None if gone, or held and skipping.

    Rows that only refer to the case, as a notice does, go in meanwhile: its key stays as it is.
    """
    case = db.scalar(
        select(Case)
        .where(Case.id == case_id)
        .options(joinedload(Case.place), joinedload(Case.department))
        .with_for_update(of=Case, skip_locked=skip_locked, key_share=True)
        .execution_options(populate_existing=True)
    )
    if case is not None:
        rejoin(db, case)
    return case


def begin(
    db: Session,
    case: Case | None,
    actor: Actor | None,
    verb: str,
    *,
    now: datetime,
    task_id: int | None = None,
) -> CaseWork:
    """Load what a step of a locked case needs, in one statement. Raises NotFound."""
    if case is None:
        raise NotFound(task_id)
    write_once(db)
    row = db.execute(
        select(
            CaseState,
            Task,
            versions.table_in_force(now),
            config_stamp.in_force(),
            is_troubled(CaseState),
        )
        .outerjoin(Task, and_(Task.case_id == CaseState.case_id, Task.id == task_id))
        .where(CaseState.case_id == case.id, CaseState.county_id == case.county_id)
        .options(joinedload(Task.unit))
        .execution_options(populate_existing=True)
    ).first()
    if row is None or (task_id is not None and row[1] is None):
        raise NotFound(task_id)
    _require_apart(actor, case, task_id or case.id)
    return _declared(db, work_on(db, case, row, actor, verb, now=now))


def begin_task(db: Session, task_id: int, actor: Actor, verb: str, *, now: datetime) -> CaseWork:
    """Lock the case of a task and load what a step needs, in one statement. Raises NotFound.

    The rows that others change are locked with the case, and after it: PostgreSQL then gives
    them as they are after the wait, not as they were when the statement began.
    """
    write_once(db)
    row = db.execute(_of_task(), {"task": task_id, "now": now}).first()
    if row is None:
        raise NotFound(task_id)
    case, *rest = row
    rejoin(db, case, rest[1])
    _require_apart(actor, case, task_id)
    return _declared(db, work_on(db, case, rest, actor, verb, now=now))


def work_on(
    db: Session,
    case: Case,
    row: Sequence[Any],
    actor: Actor | None,
    verb: str,
    *,
    now: datetime,
    due_id: int | None = None,
) -> CaseWork:
    """Return the work on a locked case.

    ``row`` is what was read after the lock: state, task, escalation table, stamp of the
    calendars, and whether an incident waits.
    """
    state, task, table_id, stamp, troubled = row
    return CaseWork(
        case,
        state,
        actor,
        now,
        verb=verb,
        version=versions.load(db, case.version_id),
        works=clockwork(db, stamp, table_id),
        task=task,
        due_id=due_id,
        troubled=troubled,
    )


def _declared(db: Session, work: CaseWork) -> CaseWork:
    """From here on, what is refused or fails in this transaction is this attempt's."""
    attempts.declare(db, work.attempt())
    return work


def _require_apart(actor: Actor | None, case: Case, subject: int | None) -> None:
    """Refuse an actor whom a confidential case avoids, through whatever post. Raises NotFound.

    One statement more in a confidential case, none in any other.
    """
    line = confidentiality.own_line(actor) if actor is not None and case.guarded else ()
    if confidentiality.goes_round(case, line):
        raise NotFound(subject)


def rejoin(db: Session, case: Case, task: Task | None = None) -> None:
    """Re-read units that changed while we waited for the lock.

    PostgreSQL gives a locked row as it is after the wait, but beside it only what was joined
    before: where the key has changed meanwhile, nothing at all.
    """
    if case.place is None or (case.department is None and case.department_id is not None):
        db.expire(case, ["place", "department"])
    if task is not None and task.unit is None:
        db.expire(task, ["unit"])


@lru_cache(maxsize=1)
def _of_task() -> Select[Any]:
    """Built once: making a statement of this size costs as much as running it."""
    now = bindparam("now", type_=UtcDateTime)
    return (
        select(
            Case,
            CaseState,
            Task,
            versions.table_in_force(now),
            config_stamp.in_force(),
            is_troubled(Case),
        )
        .join(CaseState, _same_case(CaseState))
        .join(Task, _same_case(Task))
        .where(Task.id == bindparam("task", type_=BigInteger))
        .options(
            joinedload(Case.place).load_only(*_PLAIN),
            joinedload(Case.department).load_only(*_PLAIN),
            joinedload(Task.unit).load_only(*_PLAIN),
        )
        .with_for_update(of=(Case, CaseState, Task), key_share=True)
        .execution_options(populate_existing=True)
    )


def is_troubled(table: type[Case] | type[CaseState]) -> ColumnElement[bool]:
    """Return condition, for a caller's own statement: an open incident waits for the case to go
    on.
    """
    key = table.id if table is Case else CaseState.case_id
    waiting = select(IncidentRow.id).where(
        IncidentRow.case_id == key, IncidentRow.solved_at.is_(None)
    )
    return exists(waiting.correlate(table))


def _same_case(table: type[CaseState] | type[Task]) -> ColumnElement[bool]:
    return and_(table.case_id == Case.id, table.county_id == Case.county_id)


def write_once(db: Session) -> None:
    """Write everything in one flush at the end: a row changed five times is written once."""
    db.autoflush = False
