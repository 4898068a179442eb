"""What if it had been opened then: limits, deadlines and rungs calculated without any case. Pure.

The same functions as for real clocks; nothing is stored, nothing is locked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from engine import bpmn, settings
from engine.bpmn.nodes import Node
from engine.definitions.escalation_table import Rung
from engine.definitions.versions import PublishedVersion
from engine.models import Case, Task
from engine.terms.priorities import NORMAL
from engine.timing import clocks, ladders, limits
from engine.timing.clocks import HANDLE, SIGN, DeadlineContext
from engine.worktime import Calendar, Limit, deadline, elapsed, warnings_at

# A path longer than this is cut: nobody reads a year of days.
LONGEST_PATH = 100


@dataclass(frozen=True)
class ImaginedCase:
    """The case that is imagined: what its clocks would be decided by."""

    process: str
    level: str
    category: str | None = None
    priority: str = NORMAL
    risk: str | None = None
    # What triage gives the case, with the rule that gave it; see ``triaged``.
    limit_amount: int | None = None
    limit_unit: str | None = None
    limit_by: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class CalculatorDay:
    """One day on the way: worked or not, and how much of the limit has passed at its end."""

    day: date
    working: bool
    exception: bool
    passed: int


@dataclass(frozen=True)
class ExpectedRung:
    """A rung with the moment at which it would fire if nothing were done."""

    rung: Rung
    at: datetime


@dataclass(frozen=True)
class CalculatedClock:
    """One clock as it would run."""

    kind: str
    start: datetime
    limit: Limit
    by: Mapping[str, Any]
    due: datetime
    warnings: tuple[datetime, ...]
    path: tuple[CalculatorDay, ...]
    cut: bool
    rings: tuple[ExpectedRung, ...]
    calendar: Calendar


def triaged(
    asked: ImaginedCase,
    published: PublishedVersion,
    said: Mapping[str, Any],
    start: datetime,
    calendar: Calendar,
) -> ImaginedCase:
    """Return the same case as the diagram's own table sorts it by the answers ``said``.

    As it is where no table of the diagram gives limits. Raises EngineFault where the table
    gives none for such a case.
    """
    before = bpmn.Context(
        now=start,
        level=asked.level,
        category=asked.category,
        priority=asked.priority,
        risk=asked.risk,
        calendar=calendar,
        levels=settings.current().levels,
    )
    after = bpmn.triaged(published.definition, said, before)
    by = None if after.limit_by is None else {**after.limit_by, "version": published.number}
    return replace(
        asked,
        category=after.category,
        priority=after.priority or asked.priority,
        risk=after.risk,
        limit_amount=after.limit,
        limit_unit=after.limit_unit,
        limit_by=by,
    )


def of_step(
    works: DeadlineContext, calendar: Calendar, asked: ImaginedCase, node: Node, start: datetime
) -> list[CalculatedClock]:
    """Signing and handling of a step that opens at ``start`` and that somebody signs at once.

    A step whose limit comes from triage has one if the case has been ``triaged``.
    """
    case = Case(**vars(asked))
    task = Task(node_id=node.id, level=asked.level)
    found = []
    sign = limits.signing(case, task, node, works.rungs, None)
    if sign is not None:
        by = {"source": limits.STEP}
        found.append(_clock(works, calendar, case, task, SIGN, start, sign, by, node))
    applied = limits.applied(case, task, node, works.rungs, None)
    if applied is not None:
        by = applied.as_data()
        found.append(_clock(works, calendar, case, task, HANDLE, start, applied.limit, by, node))
    return found


def of_limit(
    works: DeadlineContext,
    calendar: Calendar,
    asked: ImaginedCase,
    step: str | None,
    kind: str,
    limit: Limit,
    start: datetime,
    by: Mapping[str, Any] = MappingProxyType({}),
) -> CalculatedClock:
    """Return a clock with a limit of one's own, or by the rule that gave it."""
    case = Case(**vars(asked))
    task = Task(node_id=step, level=asked.level) if step else None
    return _clock(works, calendar, case, task, kind, start, limit, by, None)


def path(
    start: datetime, due: datetime, limit: Limit, calendar: Calendar
) -> tuple[tuple[CalculatorDay, ...], bool]:
    """Day by day from the start to the end, and whether the rest was cut."""
    first, last = calendar.local(start).date(), calendar.local(due - clocks.JUST_BEFORE).date()
    length = (last - first).days + 1
    days = [first + timedelta(days=number) for number in range(min(length, LONGEST_PATH))]
    return tuple(_day(day, start, due, limit, calendar) for day in days), length > LONGEST_PATH


def _day(
    day: date, start: datetime, due: datetime, limit: Limit, calendar: Calendar
) -> CalculatorDay:
    until = min(calendar.midnight_after(day), due) if limit.unit.endswith("hours") else (
        calendar.midnight_after(day) - clocks.JUST_BEFORE
    )  # fmt: skip
    passed = elapsed(start, max(until, start), limit.unit, calendar)
    return CalculatorDay(day, calendar.is_working(day), day in calendar.days, passed)


def _clock(
    works: DeadlineContext,
    calendar: Calendar,
    case: Case,
    task: Task | None,
    kind: str,
    start: datetime,
    limit: Limit,
    by: Mapping[str, Any],
    node: Node | None,
) -> CalculatedClock:
    due = deadline(start, limit, calendar)
    days, cut = path(start, due, limit, calendar)
    ladder = ladders.Ladder(works.rungs, ladders.inputs(case, task, kind), due, calendar)
    rings = tuple(ExpectedRung(rung, at) for rung, at in ladder.rings())
    spans = clocks.spans_of(node, limit.unit) if kind == HANDLE else []
    warnings = tuple(warnings_at(start, due, spans, calendar))
    return CalculatedClock(kind, start, limit, by, due, warnings, days, cut, rings, calendar)
