"""When a timer fires: ISO durations, dates and cycles, and limits in working time.

No clock is read here: a schedule answers for the moment it is given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from engine.bpmn.context import Context
from engine.bpmn.errors import EngineFault
from engine.bpmn.expressions import ElementExpression, ExpressionCompiler
from engine.bpmn.nodes import EventDefinition, Node
from engine.bpmn.recurrence import CalendarSpan
from engine.worktime import Limit, deadline
from feel import Months
from feel.text import Text

_ZONE = ZoneInfo("Asia/Shanghai")
_DURATION = re.compile(
    r"P(?=.)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})(?:\.\d+)?S)?)?"
)
_MOMENT = re.compile(r"\d{4}(-?\d\d-?\d\d|-?W\d\d-?\d)[T ]\d", re.ASCII)
_CYCLE = re.compile(r"R(\d{0,6})(?:/([^/P][^/]*))?/(P[^/]+)")
_WORKING = re.compile(r"working (days|hours)\s*\((.*)\)", re.DOTALL)
_WHAT = Text("时间设置", "timer")

_BAD = Text(
    "无法识别的时间写法。可写：P5D（5天）、PT4H（4小时）、2026-12-01、R3/P1D（每天一次共3次）、"
    "working days(3)（3个工作日）。",
    "This is no time the engine knows. Write P5D (5 days), PT4H (4 hours), 2026-12-01, "
    "R3/P1D (daily, three times) or working days(3).",
)
_NO_CALENDAR = Text(
    "没有工作日历，无法计算工作日。", "Without a calendar working time cannot be computed."
)


@dataclass(frozen=True)
class FiringTime:
    """When to fire. A cycle has ``repeats_left`` firings from its ``anchor``; None: no end.

    ``limit`` is the working time that it counts from now.
    """

    at: datetime
    repeats_left: int | None = 1
    anchor: datetime | None = None
    limit: Limit | None = None


@dataclass(frozen=True)
class Schedule:
    """A timer of a diagram: a literal, a working-time limit or a FEEL expression."""

    node_id: str
    kind: str
    literal: Any = None
    working: str = ""
    formula: ElementExpression | None = None

    def first(self, variables: Any, context: Context) -> FiringTime:
        """Return the first moment for a token that arrives now; raises EngineFault."""
        try:
            moment = self._moment(self._value(variables, context), context)
        except (ValueError, OverflowError, TypeError) as error:
            raise EngineFault(self.node_id, _BAD, self._names()) from error
        # A moment that is over fires at the worker's next tick, not in the past.
        return moment if moment.at > context.now else replace(moment, at=context.now)

    def next(
        self,
        at: datetime,
        left: int | None,
        variables: Any,
        context: Context,
        anchor: datetime | None = None,
    ) -> FiringTime | None:
        """Return a cycle's moment after the one at ``at``; missed ones are not made up for.

        Without an ``anchor``, as in states of before there was one, ``at`` is the anchor.
        """
        left = None if left is None else left - 1
        if left == 0:
            return None
        try:
            cycle = self._value(variables, context)
            if not isinstance(cycle, Cycle):
                return None
            anchor = cycle.anchor(context) or anchor or at
            later = cycle.every.next_after(anchor, max(at, context.now), local_zone(context))
        except (ValueError, OverflowError, TypeError) as error:
            raise EngineFault(self.node_id, _BAD, self._names()) from error
        return FiringTime(later, left, anchor)

    def _value(self, variables: Any, context: Context) -> Any:
        """Return what the timer says, with a text read as the time it spells."""
        value = self.literal
        if value is None and self.formula is not None:
            value = self.formula.value(variables, context)
        return parse_time(value) if isinstance(value, str) and not self.working else value

    def _names(self) -> frozenset[str]:
        return self.formula.variables if self.formula else frozenset()

    def _moment(self, value: Any, context: Context) -> FiringTime:
        if self.working:
            return self._working_time(value, context)
        if isinstance(value, Cycle):
            return value.first(context)
        if isinstance(value, Months):
            value = CalendarSpan(value.months)
        if isinstance(value, timedelta):
            value = CalendarSpan(rest=value)
        if isinstance(value, CalendarSpan):
            return FiringTime(value.after(context.now, local_zone(context)))
        if isinstance(value, datetime | date):
            return FiringTime(_utc(value, context))
        raise ValueError(value)

    def _working_time(self, value: Any, context: Context) -> FiringTime:
        if context.calendar is None:
            raise EngineFault(self.node_id, _NO_CALENDAR)
        if value is None or isinstance(value, str | bool):
            raise ValueError(value)
        limit = Limit(int(value), f"working_{self.working}")
        return FiringTime(deadline(context.now, limit, context.calendar), limit=limit)


@dataclass(frozen=True)
class Cycle:
    """A repeating timer: ``times`` None is without end."""

    times: int | None
    start: datetime | date | None
    every: CalendarSpan

    def anchor(self, context: Context) -> datetime | None:
        """Return the given start; None where the cycle begins when its token arrives."""
        return None if self.start is None else _utc(self.start, context)

    def first(self, context: Context) -> FiringTime:
        """Return its first moment: the given start, else one interval from now.

        Of a start that is over, the next whole number of intervals after it.
        """
        anchor, zone = self.anchor(context), local_zone(context)
        if anchor is not None and anchor >= context.now:
            return FiringTime(anchor, self.times, anchor)
        anchor = anchor or context.now
        return FiringTime(self.every.next_after(anchor, context.now, zone), self.times, anchor)


def schedule(node: Node, event: EventDefinition, compiler: ExpressionCompiler) -> Schedule | None:
    """Compile a timer event; what cannot be one is noted with the compiler."""
    source = event.expression.strip()
    literal = source.strip("\"'“”")
    if _looks_literal(literal):
        try:
            return Schedule(node.id, event.timer, literal=parse_time(literal))
        except (ValueError, OverflowError):
            compiler.fault("bad-timer", node, _BAD, event.line)
            return None
    working = _WORKING.fullmatch(source)
    if working:
        formula = compiler.formula(node, _WHAT, working[2], event.line)
        return Schedule(node.id, event.timer, working=working[1], formula=formula)
    formula = compiler.formula(node, _WHAT, source, event.line)
    if formula is None and not source:
        compiler.fault("bad-timer", node, _BAD, event.line)
    return Schedule(node.id, event.timer, formula=formula)


def _looks_literal(text: str) -> bool:
    return bool(re.match(r"P[\dT]|R-?\d*/|\d{4}-", text))


def parse_time(text: str) -> CalendarSpan | Cycle | datetime | date:
    """Read an ISO 8601 duration, cycle, date or date and time; raises ValueError."""
    text = text.strip()
    cycle = _CYCLE.fullmatch(text)
    if cycle:
        every = _span(cycle[3])
        times = int(cycle[1]) if cycle[1] else None
        if times == 0:
            raise ValueError(text)
        return Cycle(times, _date(cycle[2]) if cycle[2] else None, every)
    return _span(text) if text.startswith("P") else _date(text)


def _span(text: str) -> CalendarSpan:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(text)
    years, months, weeks, days, *clock = (int(part or 0) for part in found.groups())
    hours, minutes, seconds = clock
    rest = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    span = CalendarSpan(years * 12 + months, weeks * 7 + days, rest)
    if not span:
        raise ValueError(text)
    return span


def _date(text: str) -> datetime | date:
    if len(text) == 10:
        return date.fromisoformat(text)
    # Python takes any sign between day and time.
    if len(text) > 10 and _MOMENT.match(text) is None:
        raise ValueError(text)
    return datetime.fromisoformat(text)


def local_zone(context: Context) -> tzinfo:
    """Return the zone whose clocks and calendar days count for a case."""
    return context.calendar.zone if context.calendar is not None else _ZONE


def moment_of(value: Any, context: Context) -> datetime:
    """Return the moment in UTC that a date, a date and time or the text of one means.

    A day means its first moment, a time without a zone the case's own. Raises TypeError or
    ValueError for anything else.
    """
    if isinstance(value, str):
        value = _date(value)
    if not isinstance(value, date):
        raise TypeError(value)
    return _utc(value, context)


def _utc(value: datetime | date, context: Context) -> datetime:
    zone = local_zone(context)
    if not isinstance(value, datetime):
        value = datetime.combine(value, time(), zone)
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    return value.astimezone(UTC)
