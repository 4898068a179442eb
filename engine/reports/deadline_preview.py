"""Which open deadlines would move if the calendars were others: a preview, nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, joinedload

from engine.access import policy
from engine.access.actors import Actor
from engine.bpmn.nodes import Node
from engine.casework.clockwork import works_in_force
from engine.definitions import versions
from engine.models import Case, Task
from engine.reports.area import Area
from engine.timing import clock_adjustments, clocks, promises
from engine.timing.calendars import Almanac
from engine.timing.clock_adjustments import ClockAdjustments
from engine.timing.clocks import DeadlineContext
from engine.timing.emergencies import ActiveProfile
from engine.worktime import Limit

# So many of the soonest deadlines are looked at; more would keep a page waiting.
MOST = 2000


@dataclass(frozen=True)
class DeadlineShift:
    """One deadline that would move, of which clock; the citizen's belongs to no step."""

    kind: str
    case_id: int
    number: str
    title: str
    step: str
    step_en: str
    before: datetime
    after: datetime


@dataclass(frozen=True)
class Preview:
    """What would move, of how many that were looked at; ``more`` says that there are others."""

    shifts: tuple[DeadlineShift, ...]
    examined: int
    more: bool


@dataclass(frozen=True)
class LimitChange:
    """A clock whose limit would be another, with its deadline if it runs."""

    kind: str
    task: Task
    old: Limit
    new: Limit
    before: datetime | None
    after: datetime | None


@dataclass(frozen=True)
class LimitChanges:
    """The limits that would change, of how many tasks that were looked at."""

    limits: tuple[LimitChange, ...]
    examined: int
    more: bool


def preview(db: Session, actor: Actor, after: Almanac, now: datetime) -> Preview:
    """Return the open clocks of all three kinds that another almanac would move; few statements.

    What is confidential is named, and counted, only where the actor sees it.
    """
    works = works_in_force(db, now)
    new = replace(works, almanac=after)
    unsigned, tasks, cases = _unsigned(db, actor, now), _tasks(db, actor), _cases(db, actor)
    moved = [
        *_of_signing(db, unsigned[:MOST], works, new, now),
        *_of_tasks(db, tasks[:MOST], works, new),
        *_of_cases(db, cases[:MOST], new, now),
    ]
    found = (unsigned, tasks, cases)
    examined = sum(min(len(rows), MOST) for rows in found)
    ordered = tuple(sorted(moved, key=lambda one: (one.before, one.number)))
    return Preview(ordered, examined, any(len(rows) > MOST for rows in found))


def shortened(
    db: Session, actor: Actor, area: Area, profiles: Iterable[ActiveProfile], now: datetime
) -> LimitChanges:
    """Return what other emergency profiles would do to the limits of an area's open tasks.

    What is confidential is named, and counted, only where the actor sees it.
    """
    works = works_in_force(db, now)
    new = replace(works, almanac=replace(works.almanac, emergencies=tuple(profiles)))
    query = (
        _named_tasks(actor)
        .where(area.holds(Task))
        .options(joinedload(Task.unit))
        .order_by(Task.deadline_at, Task.id)
        .limit(MOST + 1)
    )
    tasks = list(db.scalars(query))
    kept = clock_adjustments.of_tasks(db, tasks[:MOST])
    found: list[LimitChange] = []
    for task in tasks[:MOST]:
        node = versions.load(db, task.case.version_id).node(task.node_id)
        found += _signing(task, node, works, new, now)
        found += _handling(task, node, works, new, kept[task.id], now)
    return LimitChanges(tuple(found), min(len(tasks), MOST), len(tasks) > MOST)


def _signing(
    task: Task, node: Node | None, works: DeadlineContext, new: DeadlineContext, now: datetime
) -> list[LimitChange]:
    """Return what becomes of a sign-for clock that still runs."""
    old, found = works.sign_limit(task.case, task, node), new.sign_limit(task.case, task, node)
    runs = task.started_at is None and task.sign_due_at is not None and task.sign_due_at > now
    if not runs or old is None or found is None or old == found:
        return []
    after = max(clocks.signing_due(task.case, task, found, new), now)
    return [LimitChange(clocks.SIGN, task, old, found, task.sign_due_at, after)]


def _handling(
    task: Task,
    node: Node | None,
    works: DeadlineContext,
    new: DeadlineContext,
    kept: ClockAdjustments,
    now: datetime,
) -> list[LimitChange]:
    """Return what becomes of a handling clock, begun or not."""
    old, found = works.limit(task.case, task, node), new.limit(task.case, task, node)
    if old is None or found is None or old.limit == found.limit:
        return []
    after = None
    if task.started_at is not None and task.paused_at is None:
        amount, more = found.limit.amount, kept.extension
        if more is not None and more.unit == found.limit.unit:
            amount += more.amount
        limit = Limit(amount, found.limit.unit)
        # What is used up already ends at the change, not before it.
        ends = clocks.handling_end(task, limit, new.of(task), kept.pauses)
        after = max(ends, min(now, task.due_at or now))
    return [LimitChange(clocks.HANDLE, task, old.limit, found.limit, task.due_at, after)]


def _named_tasks(actor: Actor) -> Select[tuple[Task]]:
    """Return open tasks that may be named to the actor, with their cases."""
    return (
        select(Task)
        .join(Case, and_(Case.id == Task.case_id, Case.county_id == Task.county_id))
        .where(Task.done_at.is_(None), policy.mentioned(actor))
        .options(joinedload(Task.case))
    )


def _unsigned(db: Session, actor: Actor, now: datetime) -> list[Task]:
    """Return tasks that nobody has signed for and whose limit for that lies ahead."""
    query = _named_tasks(actor).where(Task.started_at.is_(None), Task.sign_due_at > now)
    return list(db.scalars(query.order_by(Task.sign_due_at, Task.id).limit(MOST + 1)))


def _tasks(db: Session, actor: Actor) -> list[Task]:
    query = _named_tasks(actor).where(
        Task.started_at.is_not(None), Task.paused_at.is_(None), Task.due_at.is_not(None)
    )
    return list(db.scalars(query.order_by(Task.due_at, Task.id).limit(MOST + 1)))


def _cases(db: Session, actor: Actor) -> list[Case]:
    query = select(Case).where(
        Case.closed_at.is_(None),
        Case.answered_at.is_(None),
        Case.due_at.is_not(None),
        Case.due_given.is_(False),
        policy.mentioned(actor),
    )
    return list(db.scalars(query.order_by(Case.due_at, Case.id).limit(MOST + 1)))


def _of_signing(
    db: Session, tasks: list[Task], works: DeadlineContext, new: DeadlineContext, now: datetime
) -> list[DeadlineShift]:
    found = []
    for task in tasks:
        if works.of(task) == new.of(task):
            continue
        node = versions.load(db, task.case.version_id).node(task.node_id)
        limit = new.sign_limit(task.case, task, node)
        due = None if limit is None else max(clocks.signing_due(task.case, task, limit, new), now)
        if due is not None and due != task.sign_due_at:
            found.append(_shift(clocks.SIGN, task.case, task, due))
    return found


def _of_tasks(
    db: Session, tasks: list[Task], works: DeadlineContext, new: DeadlineContext
) -> list[DeadlineShift]:
    kept = clock_adjustments.of_tasks(db, tasks)
    found = []
    for task in tasks:
        pauses = kept[task.id].pauses
        if task.limit_amount is None or works.of(task) == new.of(task):
            continue
        due = clocks.handling_due(task, new, pauses)
        # Another reason may have moved it meanwhile; only what the calendar moves is reported.
        if due != task.due_at and due != clocks.handling_due(task, works, pauses):
            found.append(_shift(clocks.HANDLE, task.case, task, due))
    return found


def _of_cases(
    db: Session, cases: list[Case], new: DeadlineContext, now: datetime
) -> list[DeadlineShift]:
    """Return the citizen's promise, by the office's calendar; one that has passed stays as it
    was.
    """
    found = []
    for case in cases:
        info = versions.load(db, case.version_id).definition.process
        limit = promises.limit_of(case, info)
        if limit is None or case.due_at is None or case.due_at <= now:
            continue
        due = promises.due_of(case, limit, new)
        if due != case.due_at:
            found.append(_shift(clocks.CITIZEN, case, None, max(due, now)))
    return found


def _shift(kind: str, case: Case, task: Task | None, after: datetime) -> DeadlineShift:
    before = case.due_at
    if task is not None:
        before = task.sign_due_at if kind == clocks.SIGN else task.due_at
    assert before is not None
    step, step_en = (task.name, task.name_en or "") if task is not None else ("", "")
    return DeadlineShift(kind, case.id, case.number, case.title, step, step_en, before, after)
