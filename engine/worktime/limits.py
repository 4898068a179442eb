"""Limits and the deadlines they lead to (Civil Code, articles 200 to 204).

- Days, months and years: the starting day is not counted (art. 201); a month or year ends on
  the corresponding day, or on the month's last day (art. 202); a last day that is a day off
  moves to the next working day (art. 203); it ends at 24:00, or, by a setting of the calendar,
  at the close of business (art. 203).
- Working days end at the close of office hours of the last one (art. 203).
- Hours run from the minute (art. 201): real hours, or hours of office time.
"""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from engine.worktime.calendar import NOTHING, Calendar

Pause = tuple[datetime, datetime]

# The largest amount of each unit: a century, beyond which a limit is a slip of the pen.
UNITS = {
    "hours": 876_000,
    "working_hours": 210_000,
    "working_days": 26_000,
    "days": 36_500,
    "months": 1_200,
    "years": 100,
}


@dataclass(frozen=True)
class Limit:
    """An amount of time to do something in; `unit` is one of UNITS.

    An amount of 0 working days or days means "the same day". Raises ValueError for an unknown
    unit, a negative amount or more than a century.
    """

    amount: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"unknown unit of time: {self.unit!r}")
        if isinstance(self.amount, bool) or not isinstance(self.amount, int):
            raise ValueError(f"the amount of a limit is a whole number, not {self.amount!r}")
        if not 0 <= self.amount <= UNITS[self.unit]:
            raise ValueError(f"a limit is 0 to {UNITS[self.unit]} {self.unit}, not {self.amount}")


@dataclass(frozen=True)
class Standstill:
    """How long a clock stood still, and how much of that was office time."""

    real: timedelta = NOTHING
    office: timedelta = NOTHING

    @classmethod
    def over(cls, stops: Iterable[Pause], calendar: Calendar) -> Standstill:
        """Add up stops that do not overlap."""
        found = [(b - a, _office_time(a, b, calendar)) for a, b in stops]
        return cls(sum((a for a, _ in found), NOTHING), sum((b for _, b in found), NOTHING))

    def __add__(self, other: Standstill) -> Standstill:
        return Standstill(self.real + other.real, self.office + other.office)

    def days(self, unit: str, calendar: Calendar) -> int:
        """Round to whole days of a unit: half a day or more counts as one, less as none.

        Working days are made of office time, all others of real time.
        """
        if unit == "working_days":
            return _rounded(self.office, calendar.day_length)
        return _rounded(self.real, DAY)


NOT_STOPPED = Standstill()


def deadline(
    start: datetime,
    limit: Limit,
    calendar: Calendar,
    *,
    pauses: Iterable[Pause] = (),
    before: Standstill = NOT_STOPPED,
) -> datetime:
    """Return the moment (UTC) at which a limit that began at `start` has passed.

    Pauses (from, until) move it by what they stopped in all, together with what had stopped it
    `before`: hours by exactly that, days by whole days (see `Stopped.days`). An end that would
    come while the clock stands still comes on the next working day. Raises ValueError for a
    naive datetime and for a result beyond the year 9999.
    """
    try:
        stops = counting(start, limit, calendar, pauses, before)
        return _deadline(start, limit, calendar, stops, before)
    except OverflowError as error:
        raise ValueError("the deadline lies outside of the calendar") from error


def counting(
    start: datetime,
    limit: Limit,
    calendar: Calendar,
    pauses: Iterable[Pause],
    before: Standstill = NOT_STOPPED,
) -> list[Pause]:
    """Return the pauses that move a limit, in order: what begins after its end moves nothing.

    A limit that is made shorter afterwards may have ended before a pause that was meant for it.
    """
    found: list[Pause] = []
    for stop in merged(pauses, start):
        if _deadline(start, limit, calendar, found, before) <= stop[0]:
            break
        found.append(stop)
    return found


def _deadline(
    start: datetime, limit: Limit, calendar: Calendar, stops: list[Pause], before: Standstill
) -> datetime:
    if limit.unit == "hours":
        length = timedelta(hours=limit.amount) + before.real
        return calendar.local(start).astimezone(UTC) + sum((b - a for a, b in stops), length)
    if limit.unit == "working_hours":
        return _office_hours_from(start, limit.amount, calendar, stops, before)
    stopped = before + Standstill.over(stops, calendar)
    if limit.unit == "working_days":
        last, ends = _last_working_day(start, limit.amount, calendar, stopped), calendar.closes
    else:
        last = calendar.working_day_from(last_day(start, limit, calendar, stopped))
        ends = calendar.period_ends
    while stops and ends(last) <= stops[-1][1]:
        last = calendar.add_working_days(last, 1)
    return ends(last)


def after(moment: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """Return the moment a limit after a deadline: what an escalation rung waits for.

    As `deadline`, but a deadline at 24:00 still belongs to the day that it ends, although a
    clock shows 00:00 of the next.
    """
    local = calendar.local(moment)
    if limit.unit not in ("hours", "working_hours") and local.time() == local.min.time():
        moment = moment - timedelta(microseconds=1)
    return deadline(moment, limit, calendar)


def warn_at(start: datetime, due: datetime, warn: Limit | None, calendar: Calendar) -> datetime:
    """Return the moment (UTC, from `start` to `due`) when a running clock turns yellow.

    Hours are taken off the deadline; days, months and years lead back to an earlier working
    day, and the warning comes when the office opens. Without a `warn`, that is the last day
    itself, or after three quarters of a clock that ends on the day it began.
    """
    if warn is None:
        opening = calendar.opens(_working_day_until(ending_day(due, calendar), calendar))
        quarter = start + (due - start) * 3 / 4
        return min(opening if opening > start else quarter, due).astimezone(UTC)
    return min(max(_before(due, warn, calendar), start), due).astimezone(UTC)


def warnings_at(
    start: datetime, due: datetime, spans: Iterable[Limit], calendar: Calendar
) -> list[datetime]:
    """Return the moments when a running clock warns, the earliest first; at least one.

    As `warn_at`; spans that lead to one moment warn once.
    """
    before: list[Limit | None] = [*spans] or [None]
    return sorted({warn_at(start, due, span, calendar) for span in before})


def elapsed(
    start: datetime,
    now: datetime,
    unit: str,
    calendar: Calendar,
    *,
    pauses: Iterable[Pause] = (),
    before: Standstill = NOT_STOPPED,
) -> int:
    """Count the units of a limit that have begun to count against it, without its pauses.

    Days and working days are numbered as the law counts them (0 on the starting day, which is
    not counted); hours, months and years are those completed.
    """
    stops = [(a, min(b, now)) for a, b in merged(pauses, start) if a < now]
    stopped = before + Standstill.over(stops, calendar)
    if unit == "hours":
        return max(now - start - stopped.real, NOTHING) // HOUR
    if unit == "working_hours":
        return max(_office_time(start, now, calendar) - stopped.office, NOTHING) // HOUR
    first, today = calendar.local(start).date(), calendar.local(now).date()
    if unit == "working_days":
        number = calendar.working_days_until
        return max(number(today) - number(first) - stopped.days(unit, calendar), 0)
    today -= timedelta(days=stopped.days(unit, calendar))
    if unit == "days":
        return max((today - first).days, 0)
    months = (today.year - first.year) * 12 + today.month - first.month
    months -= add_months(first, months) > today
    return max(months if unit == "months" else months // 12, 0)


def is_provisional(start: datetime, due: datetime, calendar: Calendar) -> bool:
    """Return whether a deadline rests on a year whose holidays are not published."""
    years = range(calendar.local(start).year, ending_day(due, calendar).year + 1)
    return any(calendar.provisional(year) for year in years)


HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def merged(pauses: Iterable[Pause], start: datetime) -> list[Pause]:
    """Sort pauses, merge overlapping ones, and drop what lies before `start`."""
    result: list[Pause] = []
    for begins, ends in sorted((max(a, start), b) for a, b in pauses):
        if ends <= begins:
            continue
        if result and begins <= result[-1][1]:
            result[-1] = (result[-1][0], max(ends, result[-1][1]))
        else:
            result.append((begins, ends))
    return result


def ending_day(due: datetime, calendar: Calendar) -> date:
    """Return the last day of a limit: 00:00 is 24:00 of the day before."""
    return (calendar.local(due) - timedelta(microseconds=1)).date()


def last_day(start: datetime, limit: Limit, calendar: Calendar, stopped: Standstill) -> date:
    """Return the last day of a limit in days, months or years before any moving of days off."""
    first = calendar.local(start).date()
    paused = timedelta(days=stopped.days(limit.unit, calendar))
    if limit.unit == "days":
        return first + timedelta(days=limit.amount) + paused
    return add_months(first, limit.amount * (12 if limit.unit == "years" else 1)) + paused


def add_months(day: date, months: int) -> date:
    """Return the corresponding day some months later, or that month's last (art. 202)."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    last = gregorian.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _last_working_day(
    start: datetime, amount: int, calendar: Calendar, stopped: Standstill
) -> date:
    if not amount:
        # What arrives after office hours or on a day off has the next working day as its first.
        start = calendar.open_from(start)
    first = calendar.local(start).date()
    return calendar.add_working_days(first, amount + stopped.days("working_days", calendar))


def _rounded(length: timedelta, day: timedelta) -> int:
    return (2 * length + day) // (2 * day)


def _office_hours_from(
    start: datetime, amount: int, calendar: Calendar, stops: list[Pause], before: Standstill
) -> datetime:
    length = timedelta(hours=amount) + before.office
    if not length:
        return calendar.open_from(stops[-1][1] if stops else start)
    length += Standstill.over(stops, calendar).office
    return calendar.at_office_time(calendar.office_time(start) + length)


def _office_time(begins: datetime, ends: datetime, calendar: Calendar) -> timedelta:
    return calendar.office_time(ends) - calendar.office_time(begins)


def _before(due: datetime, warn: Limit, calendar: Calendar) -> datetime:
    if warn.unit == "hours":
        return due - timedelta(hours=warn.amount)
    if warn.unit == "working_hours":
        return calendar.at_office_time(calendar.office_time(due) - timedelta(hours=warn.amount))
    last = ending_day(due, calendar)
    if warn.unit == "working_days":
        # From a last day that is not worked, the first step back is already a working day.
        return calendar.opens(calendar.add_working_days(last, -warn.amount))
    if warn.unit == "days":
        day = last - timedelta(days=warn.amount)
    else:
        day = add_months(last, -warn.amount * (12 if warn.unit == "years" else 1))
    return calendar.opens(_working_day_until(day, calendar))


def _working_day_until(day: date, calendar: Calendar) -> date:
    return day if calendar.is_working(day) else calendar.add_working_days(day, -1)
