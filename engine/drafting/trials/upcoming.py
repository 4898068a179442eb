"""The moments that lie ahead of a trial: timers, limits and the rungs of its clocks, in order.

Calculated by the code that arms real clocks, on rows that are never stored. A handling clock is
taken as signed for at once; the sign-for clock is shown as if nobody did.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.bpmn import OpenTask
from engine.bpmn.nodes import Node
from engine.bpmn.trial import TrialCase, TrialTask
from engine.definitions.escalation_table import Rung
from engine.drafting.trials.county import TrialCounty, TrialQueue
from engine.drafting.trials.subject import TrialSubject
from engine.models import Case, Task
from engine.org import Climb
from engine.terms.priorities import NORMAL
from engine.timing import clocks, ladders
from engine.timing.clocks import CITIZEN, HANDLE, SIGN
from engine.timing.limits import DEFAULT_UNIT, LAW
from engine.worktime import Limit, deadline, warn_at


@dataclass(frozen=True)
class UpcomingEvent:
    """Something that happens by itself at its time; ``kind`` as in the table of due rows."""

    at: datetime
    kind: str
    node: Node | None = None
    task: OpenTask | None = None
    clock: str = ""
    rung: Rung | None = None
    climb: Climb | None = None


@dataclass(frozen=True)
class UpcomingTask:
    """An open task: whose it would be, and its moments as if signed for at once."""

    task: OpenTask
    node: Node
    desk: TrialQueue
    opened_at: datetime
    sign_due: datetime | None
    due: datetime | None
    warn: datetime | None
    limit: Limit | None
    source: str | None
    moments: tuple[UpcomingEvent, ...]


def open_tasks(
    subject: TrialSubject, trial: TrialCase, county: TrialCounty
) -> tuple[UpcomingTask, ...]:
    """Return what stands open, with everything that its clocks would do."""
    case = _case(subject, trial)
    return tuple(_open(subject, case, seen, county) for seen in trial.open)


def all_moments(
    subject: TrialSubject,
    trial: TrialCase,
    tasks: tuple[UpcomingTask, ...],
    opened_at: datetime,
    county: TrialCounty,
) -> tuple[UpcomingEvent, ...]:
    """Return every moment of a trial, past ones of open clocks too, soonest first."""
    nodes = subject.version.definition.nodes
    found = [UpcomingEvent(one.fire_at, "timer", nodes.get(one.node_id)) for one in trial.timers]
    found += [moment for one in tasks for moment in one.moments]
    if not trial.ended:
        found += _citizen(subject, trial, opened_at, county)
    return tuple(sorted(found, key=lambda moment: moment.at))


def _open(subject: TrialSubject, case: Case, seen: TrialTask, county: TrialCounty) -> UpcomingTask:
    works, node = subject.works, subject.version.definition.nodes[seen.task.node_id]
    desk = county.desk(seen.task)
    task = _task(seen, desk)
    clocks.set_limit(task, works.limit(case, task, node))
    sign = works.sign_limit(case, task, node)
    if sign is not None:
        task.sign_due_at = deadline(task.opened_at, sign, works.of(task))
    if task.limit_amount is not None:
        task.due_at = clocks.handling_due(task, works)
        task.warn_at = clocks.turns_yellow(task, node, works)
    limit = Limit(task.limit_amount, task.limit_unit or "") if task.due_at else None  # type: ignore[arg-type]
    moments = tuple(_moments(subject, case, task, node, seen.task, county, desk))
    return UpcomingTask(
        seen.task,
        node,
        desk,
        seen.opened_at,
        task.sign_due_at,
        task.due_at,
        task.warn_at,
        limit,
        task.limit_source,
        moments,
    )


def _moments(
    subject: TrialSubject,
    case: Case,
    task: Task,
    node: Node,
    opened: OpenTask,
    county: TrialCounty,
    desk: TrialQueue,
) -> Iterator[UpcomingEvent]:
    calendar = subject.works.of(task)
    if task.sign_due_at is not None:
        soon = warn_at(task.opened_at, task.sign_due_at, None, calendar)
        yield UpcomingEvent(soon, "sign_warn", node, opened, SIGN)
        yield UpcomingEvent(task.sign_due_at, "sign_due", node, opened, SIGN)
    if task.due_at is not None:
        for moment in clocks.warnings(task, node, subject.works):
            yield UpcomingEvent(moment, "warn", node, opened, HANDLE)
        yield UpcomingEvent(task.due_at, "due", node, opened, HANDLE)
    for clock, due in ((SIGN, task.sign_due_at), (HANDLE, task.due_at)):
        for rung in ladders.ladder(case, task, clock, subject.works) if due else ():
            reached = county.climb(desk.unit, rung.levels_up, rung.role)
            at = ladders.rings_at(due, rung, calendar) if due else task.opened_at
            yield UpcomingEvent(at, "rung", node, opened, clock, rung, reached)


def _citizen(
    subject: TrialSubject, trial: TrialCase, opened_at: datetime, county: TrialCounty
) -> Iterator[UpcomingEvent]:
    info, context = subject.version.definition.process, trial.context
    amount = context.limit if context.limit is not None else info.limit
    unit = context.limit_unit if context.limit is not None else info.limit_unit
    if amount is None:
        return
    calendar, case = subject.works.calendar, _case(subject, trial)
    due = deadline(opened_at, Limit(int(amount), unit or DEFAULT_UNIT), calendar)
    yield UpcomingEvent(due, "citizen_due", clock=CITIZEN)
    for rung in ladders.ladder(case, None, CITIZEN, subject.works):
        reached = county.climb(county.place, rung.levels_up, rung.role)
        at = ladders.rings_at(due, rung, calendar)
        yield UpcomingEvent(at, "rung", clock=CITIZEN, rung=rung, climb=reached)


def _case(subject: TrialSubject, trial: TrialCase) -> Case:
    """Return the columns that tables and clocks ask for, on a row that no session knows."""
    context = trial.context
    return Case(
        process=subject.version.process,
        level=context.level,
        category=context.category,
        priority=context.priority or NORMAL,
        risk=context.risk,
        limit_amount=context.limit,
        limit_unit=context.limit_unit,
        limit_by=dict(context.limit_by) if context.limit_by else None,
    )


def _task(seen: TrialTask, desk: TrialQueue) -> Task:
    task = Task(
        node_id=seen.task.node_id,
        role=seen.task.role,
        level=seen.task.level,
        unit_id=desk.unit.id,
        opened_at=seen.opened_at,
        started_at=seen.task.limit_from or seen.opened_at,
        counts_from=seen.task.limit_from,
        limit_source=LAW if seen.task.limit_from and seen.task.limit_firm else None,
    )
    task.stamp(desk.unit)
    return task
