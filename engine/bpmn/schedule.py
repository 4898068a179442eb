"""When a timer fires: ISO durations, dates and cycles, and limits in working time.

No clock is read here: a schedule answers for the moment it is given.
"""

from __future__ import annotations

import calendar as gregorian
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.bpmn.context import Context
from engine.bpmn.errors import EngineFault
from engine.bpmn.expressions import ExpressionCompiler, Formula
from engine.bpmn.nodes import EventDefinition, Node
from engine.worktime import Limit, deadline
from feel import Months
from feel.text import Text

_ZONE = ZoneInfo("Asia/Shanghai")
_DURATION = re.compile(
    r"P(?=.)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})(?:\.\d+)?S)?)?"
)
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
class CalendarSpan:
    """A duration: calendar months and an exact rest."""

    months: int = 0
    rest: timedelta = timedelta()

    def after(self, start: datetime) -> datetime:
        """Give the moment this long after ``start``; a month ends on the corresponding day."""
        if self.months:
            month = start.month - 1 + self.months
            year, month = start.year + month // 12, month % 12 + 1
            day = min(start.day, gregorian.monthrange(year, month)[1])
            start = start.replace(year=year, month=month, day=day)
        return start + self.rest

    def beyond(self, start: datetime, now: datetime) -> datetime:
        """Give the first whole number of spans after ``start`` that is later than ``now``."""
        at = self.after(start)
        if at <= now and not self.months:
            # By division: a cycle of seconds may have missed millions of them.
            at = start + self.rest * ((now - start) // self.rest + 1)
        while at <= now:
            at = self.after(at)
        return at

    def __bool__(self) -> bool:
        return bool(self.months or self.rest)


@dataclass(frozen=True)
class FiringTime:
    """When to fire; a cycle has ``left`` firings, None without end, and its ``every``."""

    at: datetime
    left: int | None = 1
    every: CalendarSpan | None = None


@dataclass(frozen=True)
class Schedule:
    """A timer of a diagram: a literal, a working-time limit or a FEEL expression."""

    node_id: str
    kind: str
    literal: Any = None
    working: str = ""
    formula: Formula | None = None

    def first(self, variables: Any, context: Context) -> FiringTime:
        """Give the first moment for a token that arrives now; raises EngineFault."""
        value = self.literal
        if value is None and self.formula is not None:
            value = self.formula.value(variables, context)
        try:
            moment = self._moment(value, context)
        except (ValueError, OverflowError, TypeError) as error:
            raise EngineFault(self.node_id, _BAD, self._names()) from error
        # A moment that is over fires at the worker's next tick, not in the past.
        return moment if moment.at > context.now else replace(moment, at=context.now)

    def next(
        self, at: datetime, left: int | None, variables: Any, context: Context
    ) -> FiringTime | None:
        """Give a cycle's moment after the one at ``at``; missed ones are not made up for."""
        every = self.first(variables, context).every
        left = None if left is None else left - 1
        if left == 0 or every is None:
            return None
        return FiringTime(every.beyond(at, context.now), left, every)

    def _names(self) -> frozenset[str]:
        return self.formula.variables if self.formula else frozenset()

    def _moment(self, value: Any, context: Context) -> FiringTime:
        if self.working:
            return FiringTime(self._working_deadline(value, context))
        if isinstance(value, str):
            value = parse_time(value)
        if isinstance(value, Cycle):
            return value.first(context)
        if isinstance(value, Months):
            value = CalendarSpan(value.months)
        if isinstance(value, timedelta):
            value = CalendarSpan(rest=value)
        if isinstance(value, CalendarSpan):
            return FiringTime(value.after(context.now))
        if isinstance(value, datetime | date):
            return FiringTime(_utc(value, context))
        raise ValueError(value)

    def _working_deadline(self, value: Any, context: Context) -> datetime:
        if context.calendar is None:
            raise EngineFault(self.node_id, _NO_CALENDAR)
        if value is None or isinstance(value, str | bool):
            raise ValueError(value)
        limit = Limit(int(value), f"working_{self.working}")
        return deadline(context.now, limit, context.calendar)


@dataclass(frozen=True)
class Cycle:
    """A repeating timer: ``times`` None is without end."""

    times: int | None
    start: datetime | date | None
    every: CalendarSpan

    def first(self, context: Context) -> FiringTime:
        """Give its first moment: the given start, or one interval from now."""
        if self.start is not None:
            return FiringTime(_utc(self.start, context), self.times, self.every)
        return FiringTime(self.every.after(context.now), self.times, self.every)


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
    rest = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    span = CalendarSpan(years * 12 + months, rest)
    if not span:
        raise ValueError(text)
    return span


def _date(text: str) -> datetime | date:
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def _utc(value: datetime | date, context: Context) -> datetime:
    zone = context.calendar.zone if context.calendar is not None else _ZONE
    if not isinstance(value, datetime):
        value = datetime.combine(value, time(), zone)
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    return value.astimezone(UTC)
