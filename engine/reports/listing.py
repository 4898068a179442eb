"""The cases behind a number: each figure is one list, and the list has as many rows as it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    null,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from engine.access import policy
from engine.access.actors import Actor
from engine.models import Case, CaseMark, CaseWay, Event, Merger, Task, Unit, User, WithdrawnRung
from engine.models.figures import CONTACT, EXCLUSION, SATISFACTION, SETTLEMENT, SOLUTION
from engine.models.mergers import OUT
from engine.reading.worklists import PAGE_SIZE, RowsPage
from engine.reports import promises, stays
from engine.reports.area import Area
from engine.reports.period import Period
from engine.reports.stays import PeriodMoments, StayConditions
from engine.storage.tallies import BOUNCE

Condition = ColumnElement[bool]
Of = Callable[[Period, datetime], Condition]


@dataclass(frozen=True)
class ListingRow:
    """One row of a list behind a number; ``step`` is empty where cases are counted."""

    key: int
    case_id: int
    task_id: int | None
    number: str
    title: str
    place: str
    process: str
    unit: str
    step: str
    step_en: str
    person: str | None
    at: datetime | None
    deadline_at: datetime | None
    warn_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True)
class Measure:
    """What a number counts (a key of ``SOURCES``), and on what condition."""

    of: str
    holds: Of


def _closed(*more: Condition) -> Of:
    return lambda period, _now: and_(
        Case.closed_at >= period.start, Case.closed_at < period.end, *more
    )


def _open(*more: Condition) -> Of:
    return lambda _period, _now: and_(Task.done_at.is_(None), *more)


def _opened(period: Period, _now: datetime) -> Condition:
    return and_(Case.opened_at >= period.start, Case.opened_at < period.end)


def _open_before(period: Period, _now: datetime) -> Condition:
    still = or_(Case.closed_at.is_(None), Case.closed_at >= period.start)
    return and_(Case.opened_at < period.start, still)


def _stay(*ways: Callable[[StayConditions, PeriodMoments], Condition]) -> Measure:
    def holds(period: Period, now: datetime) -> Condition:
        at = PeriodMoments.of(period, now)
        return or_(*(way(StayConditions(STAY.c), at) for way in ways))

    return Measure("stay", holds)


def _marked(kind: str, *more: Condition) -> Measure:
    return Measure(
        "mark",
        lambda period, _now: and_(
            CaseMark.kind == kind,
            CaseMark.current,
            CaseMark.at >= period.start,
            CaseMark.at < period.end,
            *more,
        ),
    )


def _event(of: str, *kinds: str) -> Measure:
    return Measure(
        of,
        lambda period, _now: and_(
            Event.kind.in_(kinds), Event.at >= period.start, Event.at < period.end
        ),
    )


def _other_mark(kind: str, *values: bool) -> Condition:
    other = aliased(CaseMark)
    holds = other.value.in_(values) if values else other.value.is_not(None)
    mine = and_(other.case_id == CaseMark.case_id, other.county_id == CaseMark.county_id)
    return exists().where(mine, other.kind == kind, other.current, holds)


def _solution(*values: bool) -> Condition:
    return _other_mark(SOLUTION, *values)


_RATED = ~_other_mark(EXCLUSION, True)
STAY = stays.all_stays()
_MERGED = exists().where(
    Merger.case_id == Case.id, Merger.county_id == Case.county_id, Merger.state != OUT
)

MEASURES: dict[str, Measure] = {
    "opened": Measure("case", _opened),
    "matters": Measure("case", lambda p, n: and_(_opened(p, n), ~_MERGED)),
    "open_before": Measure("case", _open_before),
    "to_close": Measure("case", lambda p, n: or_(_opened(p, n), _open_before(p, n))),
    "open": Measure("case", lambda _p, _n: Case.closed_at.is_(None)),
    "closed": Measure("case", _closed()),
    "closed_limited": Measure("case", _closed(Case.due_at.is_not(None))),
    "closed_in_time": Measure("case", _closed(promises.in_time())),
    "closed_late": Measure("case", _closed(Case.due_at.is_not(None), ~promises.in_time())),
    "answer_late_there": Measure("case", promises.late_there),
    "to_be_answered": Measure(
        "case",
        lambda p, n: or_(_closed(Case.due_at.is_not(None))(p, n), promises.late_there(p, n)),
    ),
    "waiting": Measure("task", _open(Task.assignee_id.is_(None))),
    "handling": Measure("task", _open(Task.assignee_id.is_not(None))),
    "late": Measure("task", lambda _p, now: and_(Task.done_at.is_(None), Task.deadline_at <= now)),
    "soon": Measure(
        "task",
        lambda _p, now: and_(Task.done_at.is_(None), Task.warn_at <= now, Task.deadline_at > now),
    ),
    "came": _stay(StayConditions.arrival),
    "done": _stay(StayConditions.completion),
    "there": _stay(StayConditions.there),
    "to_do": _stay(StayConditions.completion, StayConditions.there),
    "done_limited": _stay(StayConditions.ending),
    "done_in_time": _stay(StayConditions.in_time),
    "done_late": _stay(StayConditions.late_ending),
    "late_there": _stay(StayConditions.late_there),
    "to_be_in_time": _stay(StayConditions.ending, StayConditions.late_there),
    "late_time": _stay(StayConditions.late_ending, StayConditions.late_there),
    "sign_limited": _stay(StayConditions.signing),
    "sign_in_time": _stay(StayConditions.signing_in_time),
    "sign_late": _stay(StayConditions.late_signing),
    "unsigned_there": _stay(StayConditions.unsigned_there),
    "to_be_signed": _stay(StayConditions.signing, StayConditions.unsigned_there),
    "unsigned_time": _stay(StayConditions.late_signing, StayConditions.unsigned_there),
    "rated": _marked(SATISFACTION, _RATED, CaseMark.value.is_not(None)),
    "satisfied": _marked(SATISFACTION, _RATED, CaseMark.value.is_(True)),
    "solve_asked": _marked(SATISFACTION, _RATED, CaseMark.value.is_not(None), _solution()),
    "solved": _marked(SATISFACTION, _RATED, CaseMark.value.is_not(None), _solution(True)),
    "contact_due": _marked(CONTACT),
    "contact_in_time": _marked(CONTACT, CaseMark.value.is_(True)),
    "mediated": _marked(SETTLEMENT),
    "settled": _marked(SETTLEMENT, CaseMark.value.is_(True)),
    "ended": _event("end", "case.closed"),
    "reopened": _event("end", "case.reopened"),
    "returned": _event("return", "task.returned", "message.sent"),
    "escalated": Measure(
        "event",
        lambda period, _now: and_(
            Event.kind == "escalated",
            Event.at >= period.start,
            Event.at < period.end,
            ~exists().where(WithdrawnRung.case_id == Event.case_id, WithdrawnRung.seq == Event.seq),
        ),
    ),
}


_THERE = Task.came_at.is_not(None)
# What the view of a process counts, of one step or one way.
STEP_MEASURES: dict[str, Measure] = {
    "step_here": Measure("task", _open(_THERE)),
    "step_late": Measure(
        "task", lambda _p, now: and_(Task.done_at.is_(None), Task.deadline_at <= now)
    ),
    "step_done": Measure("task", lambda period, _now: and_(_THERE, _completion(period))),
    "step_done_late": Measure(
        "task", lambda period, _now: and_(_THERE, _completion(period), Task.done_at > Task.due_at)
    ),
    "way": Measure("way", _closed()),
}
LISTED = {**MEASURES, **STEP_MEASURES}


def _completion(period: Period) -> Condition:
    within = and_(Task.done_at >= period.start, Task.done_at < period.end)
    return and_(Task.outcome == "completed", within)


@dataclass(frozen=True)
class ListingQuery:
    """Which number's list: what is counted, where, in which process, when."""

    measure: str
    area: Area
    period: Period
    process: str = ""
    # Only the area's own unit, without the parts below it.
    alone: bool = False
    # Of the view of a process: which step or way, of which version.
    element: str = ""
    version_id: int | None = None


def entries(
    db: Session,
    actor: Actor,
    wanted: ListingQuery,
    now: datetime,
    *,
    after: int | None = None,
    size: int = PAGE_SIZE,
) -> RowsPage:
    """Return one page of a number's list, the newest first; one statement."""
    return page_of(db, _statement(db, actor, wanted, now), after, size)


def page_of(db: Session, found: Select[Any], after: int | None, size: int) -> RowsPage:
    """Return one page of a statement whose columns are those of ``ListingRow``."""
    key = found.selected_columns.key
    if after is not None:
        found = found.where(key < after)
    rows = [ListingRow(*row) for row in db.execute(found.order_by(key.desc()).limit(size + 1))]
    more = str(rows[size - 1].key) if len(rows) > size else None
    return RowsPage(tuple(rows[:size]), more)


def _statement(db: Session, actor: Actor, wanted: ListingQuery, now: datetime) -> Select[Any]:
    measure = LISTED[wanted.measure]
    built = SOURCES[measure.of](db)
    conditions = [measure.holds(wanted.period, now), policy.visible_cases(actor)]
    if wanted.process:
        conditions.append(Case.process == wanted.process)
    if wanted.version_id is not None:
        conditions.append(Case.version_id == wanted.version_id)
    if wanted.measure in STEP_MEASURES:
        of_way = measure.of == "way"
        conditions.append((CaseWay.way if of_way else Task.node_id) == wanted.element)
    where = Unit.id == wanted.area.unit.id if wanted.alone else wanted.area.holds(Unit)
    return built.where(where, *conditions)


def _cases(_db: Session) -> Select[Any]:
    return (
        select(Case.id.label("key"), Case.id, *_nothing("task_id"), *_of_case(), Unit.name)
        .add_columns(*_nothing("step", "step_en", "person"))
        .add_columns(Case.opened_at, Case.due_at, *_nothing("warn_at"), Case.closed_at)
        .join(Unit, Unit.id == Case.unit_id)
    )


def _ways(db: Session) -> Select[Any]:
    """Return closed cases by the way that they went."""
    mine = and_(CaseWay.case_id == Case.id, CaseWay.county_id == Case.county_id)
    return _cases(db).join(CaseWay, mine)


def _tasks(_db: Session) -> Select[Any]:
    holder = aliased(User)
    return (
        select(Task.id.label("key"), Case.id, Task.id.label("task_id"), *_of_case(), Unit.name)
        .add_columns(Task.name, Task.name_en, holder.name, Task.opened_at)
        .add_columns(Task.deadline_at, Task.warn_at, Task.done_at)
        .join(Case, and_(Case.id == Task.case_id, Case.county_id == Task.county_id))
        .join(Unit, Unit.id == Task.unit_id)
        .outerjoin(holder, holder.id == Task.assignee_id)
    )


def _stays(_db: Session) -> Select[Any]:
    """Return a task stands here once for each unit that had it; who holds it where it is now."""
    holder = aliased(User)
    return (
        select(STAY.c.key.label("key"), Case.id, Task.id.label("task_id"), *_of_case(), Unit.name)
        .add_columns(Task.name, Task.name_en, holder.name, STAY.c.came_at)
        .add_columns(STAY.c.due_at, *_nothing("warn_at"), STAY.c.left_at)
        .join(Task, Task.id == STAY.c.task_id)
        .join(Case, and_(Case.id == Task.case_id, Case.county_id == Task.county_id))
        .join(Unit, Unit.id == STAY.c.unit_id)
        .outerjoin(holder, and_(holder.id == Task.assignee_id, STAY.c.key == Task.id))
    )


def _events(db: Session) -> Select[Any]:
    return _of_events(_reached_unit(db))


def _ends(_db: Session) -> Select[Any]:
    """Return ends and reopenings, of the unit that registered the case."""
    return _of_events(Case.unit_id)


def _returns(db: Session) -> Select[Any]:
    """Return what was sent back, of the unit that had it, or that pressed the button."""
    pressed = _event_value(db, "message") == BOUNCE
    by_button = case((pressed, _reached_unit(db)), else_=None)
    return _of_events(case((Event.kind == "message.sent", by_button), else_=Task.unit_id))


def _of_events(unit_id: Any) -> Select[Any]:
    return (
        select(Event.id.label("key"), Case.id, Event.task_id, *_of_case(), Unit.name)
        .add_columns(Task.name, Task.name_en, *_nothing("person"), Event.at)
        .add_columns(*_nothing("deadline_at", "warn_at", "done_at"))
        .join(Case, and_(Case.id == Event.case_id, Case.county_id == Event.county_id))
        .outerjoin(Task, and_(Task.id == Event.task_id, Task.case_id == Event.case_id))
        .join(Unit, Unit.id == unit_id)
    )


def _marks(_db: Session) -> Select[Any]:
    """Return cases by what was answered in them, on the day of the answer."""
    return (
        select(CaseMark.id.label("key"), Case.id, *_nothing("task_id"), *_of_case(), Unit.name)
        .add_columns(*_nothing("step", "step_en", "person"))
        .add_columns(Case.opened_at, Case.due_at, *_nothing("warn_at"), Case.closed_at)
        .join(Case, and_(Case.id == CaseMark.case_id, Case.county_id == CaseMark.county_id))
        .join(Unit, Unit.id == Case.unit_id)
    )


def _reached_unit(db: Session) -> ColumnElement[int]:
    """Return the unit that an escalation arrived at, or that sent a message, as its event says."""
    return cast(_event_value(db, "unit"), BigInteger)


def _event_value(db: Session, name: str) -> ColumnElement[str]:
    """Return what an event says under a name."""
    if db.get_bind().dialect.name == "postgresql":
        return cast(Event.data, JSON)[name].as_string()
    return func.json_extract(Event.data, f"$.{name}")


def _of_case() -> tuple[Any, ...]:
    return Case.number, Case.title, Case.place_name, Case.process


def _nothing(*names: str) -> list[Any]:
    return [null().label(name) for name in names]


SOURCES: dict[str, Callable[[Session], Select[Any]]] = {
    "case": _cases,
    "way": _ways,
    "task": _tasks,
    "stay": _stays,
    "event": _events,
    "end": _ends,
    "return": _returns,
    "mark": _marks,
}
