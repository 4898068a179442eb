"""A locked case being worked on: the lock, what is read after it, the picture for the engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
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

from engine import bpmn, settings
from engine.access import confidentiality, policy
from engine.access.actors import Actor, Seat
from engine.bpmn.errors import EngineFault
from engine.definitions import versions
from engine.definitions.versions import Published
from engine.errors import Incident, NotFound, TaskAlreadyDone
from engine.models import Case, CaseState, Event, IncidentRow, Task, Unit, User
from engine.models.base import STAMPED_LEVELS, UtcDateTime
from engine.org import Climb
from engine.records import audit
from engine.timing import calendars, clocks, config_stamp
from engine.worktime import Limit, moment_text

# What a step asks of a unit; the rest is read when somebody asks for it.
_PLAIN = (
    Unit.code,
    Unit.name,
    Unit.level,
    Unit.kind,
    *(getattr(Unit, f"at_{level}") for level in STAMPED_LEVELS),
)


# Columns of a case that the escalation table is asked with.
DECIDES_RUNGS = ("category", "priority")


@dataclass
class CaseWork:
    """A locked case being worked on, by whom and when."""

    case: Case
    state: CaseState
    published: Published
    actor: Actor | None
    now: datetime
    works: clocks.Clockwork
    task: Task | None = None
    seat: Seat | None = None
    # Whether an open incident waits for this case to go on.
    troubled: bool = False
    # Where the rung that fires arrives, if it was looked up together with others.
    arrives: Climb | None = None
    # The case's columns as they were before this step, for a recall.
    before: dict[str, Any] = field(default_factory=dict)
    # Whether what opens now begins anew, whatever was used before: the case was reopened.
    begins_anew: bool = False

    def record(self, db: Session, kind: str, *, task: Task | None = None, **data: Any) -> Event:
        """Append what is done in this work to the case's chain: by whom, through which post."""
        return audit.record(
            db,
            self.case,
            self.state,
            kind,
            self.actor,
            at=self.now,
            task=task,
            seat=self.seat,
            **data,
        )

    def start_unsigned(self, db: Session, task: Task) -> None:
        """Let handling begin when the sign-for limit passed, where the worker was late for it.

        Its rungs are those of the case as it was then: what this step changes came after.
        """
        node = self.published.node(task.node_id)
        with self._as_before():
            clocks.start_unsigned(db, self.case, task, node, self.works, now=self.now)

    @contextmanager
    def _as_before(self) -> Iterator[None]:
        # Only what this step changed: a column that is set is written, though to the same value.
        before = {column: self.before.get(column) for column in DECIDES_RUNGS if self.before}
        after = {column: getattr(self.case, column) for column in before}
        changed = {column: after[column] for column in before if after[column] != before[column]}
        try:
            for column in changed:
                setattr(self.case, column, before[column])
            yield
        finally:
            for column, value in changed.items():
                setattr(self.case, column, value)


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
    """Load what a step of a locked case needs, in one statement. Raises NotFound.

    Read after the lock: what was read before it may be another's past.
    """
    if case is None:
        raise NotFound(task_id)
    write_once(db)
    db.info.update(case_id=case.id, actor=actor, verb=verb, now=now, task_id=task_id)
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
    state, task, table_id, stamp, troubled = row
    works = clockwork(db, stamp, table_id)
    published = versions.load(db, case.version_id)
    return CaseWork(case, state, published, actor, now, works, task, troubled=troubled)


def begin_task(db: Session, task_id: int, actor: Actor, verb: str, *, now: datetime) -> CaseWork:
    """Lock the case of a task and load what a step needs, in one statement. Raises NotFound.

    The rows that others change are locked with the case, and after it: PostgreSQL then gives
    them as they are after the wait, not as they were when the statement began.
    """
    write_once(db)
    row = db.execute(_of_task(), {"task": task_id, "now": now}).first()
    if row is None:
        raise NotFound(task_id)
    case, state, task, table_id, stamp, troubled = row
    rejoin(db, case, task)
    _require_apart(actor, case, task_id)
    db.info.update(case_id=case.id, actor=actor, verb=verb, now=now, task_id=task_id)
    works = clockwork(db, stamp, table_id)
    published = versions.load(db, case.version_id)
    work = CaseWork(case, state, published, actor, now, works, task, troubled=troubled)
    work.before = columns_of(case)
    return work


def _require_apart(actor: Actor | None, case: Case, subject: int | None) -> None:
    """Let nobody act whom a confidential case goes round, through whatever post. Raises NotFound.

    One statement more in a confidential case, none in any other.
    """
    line = confidentiality.own_line(actor) if actor is not None and case.guarded else ()
    if confidentiality.goes_round(case, line):
        raise NotFound(subject)


def rejoin(db: Session, case: Case, task: Task | None = None) -> None:
    """Let units that a row named only while we waited for it be read anew.

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
    """Condition, for a caller's own statement: an open incident waits for the case to go on."""
    key = table.id if table is Case else CaseState.case_id
    waiting = select(IncidentRow.id).where(
        IncidentRow.case_id == key, IncidentRow.solved_at.is_(None)
    )
    return exists(waiting.correlate(table))


def _same_case(table: type[CaseState] | type[Task]) -> ColumnElement[bool]:
    return and_(table.case_id == Case.id, table.county_id == Case.county_id)


# What a step may change of a case, besides its state.
CHANGING = (
    "level",
    "category",
    "priority",
    "risk",
    "limit_amount",
    "limit_unit",
    "limit_by",
    "department_id",
    "place_id",
    "place_name",
    "title",
)


def columns_of(case: Case) -> dict[str, Any]:
    """What a step may change of a case, as it stands."""
    return {column: getattr(case, column) for column in CHANGING}


def refuse_done(db: Session, work: CaseWork) -> None:
    """Refuse what comes after a task was done. Raises TaskAlreadyDone, or NotFound if unseen."""
    task = work.task
    assert task is not None and work.actor is not None
    if task.done_at is None:
        return
    policy.require(db, work.actor, "see", work.case)
    by = db.get(User, task.done_by) if task.done_by else None
    at = moment_text(task.done_at, work.now, work.works.calendar)
    raise TaskAlreadyDone(task.id, by.name if by else "", at.zh)


def write_once(db: Session) -> None:
    """Write everything in one flush at the end: a row changed five times is written once."""
    db.autoflush = False


def works_in_force(db: Session, now: datetime) -> clocks.Clockwork:
    """The calendar and the escalation table in force, in one statement."""
    row = db.execute(select(versions.table_in_force(now), config_stamp.in_force())).one()
    return clockwork(db, row[1], row[0])


def clockwork(db: Session, stamp: datetime | None, table_id: int | None) -> clocks.Clockwork:
    """The clockwork of a calendar's stamp and a table's version, each read once a process."""
    return clocks.Clockwork(
        calendars.at_stamp(db, stamp), versions.rungs(db, table_id), partial(versions.rungs, db)
    )


@contextmanager
def engine_faults(work: CaseWork) -> Iterator[None]:
    """Turn what the engine could not do into an incident of this case."""
    try:
        yield
    except EngineFault as fault:
        raise Incident(
            work.case.id, fault.node_id or "", fault.text, {"variables": list(fault.variables)}
        ) from fault


def context_of(work: CaseWork) -> bpmn.Context:
    """The frozen picture of a case that the pure engine works on."""
    case = work.case
    return bpmn.Context(
        now=work.now,
        level=case.level,
        place=case.place.code,
        category=case.category,
        priority=case.priority,
        risk=case.risk,
        department=case.department.code if case.department else None,
        limit=case.limit_amount,
        limit_unit=case.limit_unit,
        limit_by=case.limit_by,
        calendar=work.works.calendar,
        levels=settings.current().levels,
    )


def citizen_limit(work: CaseWork) -> Limit | None:
    """The limit of the citizen's clock: what triage said, else the process's own."""
    case = work.case
    if case.limit_amount is not None:
        return Limit(case.limit_amount, case.limit_unit or "working_days")
    return process_limit(work)


def process_limit(work: CaseWork) -> Limit | None:
    """The limit that the process promises to the citizen."""
    info = work.published.definition.process
    if info.limit is None:
        return None
    return Limit(info.limit, info.limit_unit or "working_days")
