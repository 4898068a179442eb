"""Working time by walking along the calendar, day by day and session by session.

The slow and obvious reference for ``engine.worktime``, which it shares no arithmetic with: a
calendar is read here as a table of office hours, worked weekdays and exceptions. Moments come in
and go out as aware datetimes. The rules are those of ``docs/clocks.zh-CN.md``.
"""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from engine.worktime import Calendar, Limit

Span = tuple[datetime, datetime]
DAY = timedelta(days=1)
MIDNIGHT = time(0)


def deadline(
    start: datetime,
    limit: Limit,
    calendar: Calendar,
    pauses: Iterable[Span] = (),
    away: Iterable[Span] = (),
) -> datetime:
    """Return when a limit that began at ``start`` has passed, the clock standing still in
    ``pauses``.

    What was late before it lay elsewhere (``away``) is as late when it goes on: its end comes later
    by all that time, and may come while it lay there.
    """
    gone = [(max(begins, start), ends) for begins, ends in away if ends > start]
    held = [(max(begins, start), ends) for begins, ends in pauses if ends > start]
    if limit.unit == "hours":
        left = timedelta(hours=limit.amount) + _stood(gone, limit.unit, calendar)
        return _spend(_running([(start, None)], sorted(held)), left)
    if limit.unit == "working_hours":
        left = timedelta(hours=limit.amount) + _stood(gone, limit.unit, calendar)
        return _spend(_running(office(calendar, start), sorted(held)), left)
    stops = sorted([*held, *gone])
    if limit.unit == "working_days":
        return _last_working_day(start, limit.amount, calendar, stops, gone)
    return _last_day(start, limit, calendar, stops, gone)


def after(moment: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """Return when a limit that follows a deadline has passed; 24:00 belongs to the day that it
    ends.
    """
    ends_a_day = moment.astimezone(calendar.zone).time() == MIDNIGHT
    if ends_a_day and limit.unit not in ("hours", "working_hours"):
        moment -= timedelta(seconds=1)
    return deadline(moment, limit, calendar)


def rings(moment: datetime, calendar: Calendar) -> datetime:
    """Return the moment itself in office hours or at their end, else when the office opens next."""
    day = moment.astimezone(calendar.zone).date()
    if any(begins <= moment <= ends for begins, ends in sessions(calendar, day)):
        return moment
    return next(office(calendar, moment))[0]


def opens(moment: datetime, calendar: Calendar) -> datetime:
    """Return the moment itself while the office is open, else when it opens next."""
    return next(office(calendar, moment))[0]


def counted(
    start: datetime, now: datetime, unit: str, calendar: Calendar, pauses: Iterable[Span] = ()
) -> int:
    """Return how many days or working days after the first have been counted, today's included."""
    stops = [(begins, min(ends, now)) for begins, ends in pauses if begins < now]
    day, today = _date(start, calendar), _date(now, calendar)
    number = 0
    while day < today:
        day += DAY
        number += unit == "days" or works(calendar, day)
    return max(number - _days_stood(stops, unit, calendar), 0)


def works(calendar: Calendar, day: date) -> bool:
    """Return whether the office works on a day."""
    return calendar.days[day] if day in calendar.days else calendar.week[day.weekday()]


def sessions(calendar: Calendar, day: date) -> list[Span]:
    """Return the office hours of a day; none on a day off. An end of 00:00 is 24:00."""
    if not works(calendar, day):
        return []
    return [
        (_wall(day, begins, calendar), _wall(day if ends > MIDNIGHT else day + DAY, ends, calendar))
        for begins, ends in calendar.sessions
    ]


def office(calendar: Calendar, start: datetime) -> Iterator[Span]:
    """Yield the office hours from a moment on, without end."""
    day = _date(start, calendar)
    while True:
        for begins, ends in sessions(calendar, day):
            if ends > start:
                yield max(begins, start), ends
        day += DAY


def _running(
    spans: Iterable[tuple[datetime, datetime | None]], stops: Sequence[Span]
) -> Iterator[tuple[datetime, datetime | None]]:
    """Yield the parts of spans in which the clock does not stand still; no end is without end."""
    for begins, ends in spans:
        for pause, resumed in stops:
            if resumed > begins and (ends is None or pause < ends):
                if pause > begins:
                    yield begins, pause
                begins = resumed
        if ends is None or begins < ends:
            yield begins, ends


def _spend(spans: Iterable[tuple[datetime, datetime | None]], left: timedelta) -> datetime:
    for begins, ends in spans:
        if ends is None or ends - begins >= left:
            return (begins + left).astimezone(UTC)
        left -= ends - begins
    raise AssertionError("the spans have no end")


def _last_working_day(
    start: datetime, left: int, calendar: Calendar, stops: Sequence[Span], away: Sequence[Span]
) -> datetime:
    day = _date(start, calendar)
    if left == 0:
        # What comes after office hours or on a day off begins on the next working day.
        day = _date(next(office(calendar, start))[0], calendar)
    left += _days_stood(stops, "working_days", calendar)
    stops = [one for one in stops if one not in away]
    while True:
        hours = sessions(calendar, day)
        if left == 0 and hours and not _still(hours[-1][1], stops):
            return hours[-1][1]
        day += DAY
        if left and works(calendar, day):
            left -= 1


def _last_day(
    start: datetime, limit: Limit, calendar: Calendar, stops: Sequence[Span], away: Sequence[Span]
) -> datetime:
    day, left = _first_and_days(_date(start, calendar), limit)
    for _ in range(left + _days_stood(stops, limit.unit, calendar)):
        day += DAY
    stops = [one for one in stops if one not in away]
    while not works(calendar, day) or _still(_wall(day + DAY, MIDNIGHT, calendar), stops):
        day += DAY
    return _wall(day + DAY, MIDNIGHT, calendar)


def _first_and_days(first: date, limit: Limit) -> tuple[date, int]:
    """Return the starting day, and how many days follow it: to the day of the same number, or the
    last.
    """
    if limit.unit == "days":
        return first, limit.amount
    year, month = first.year, first.month
    for _ in range(limit.amount * (12 if limit.unit == "years" else 1)):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    last = date(year, month, min(first.day, gregorian.monthrange(year, month)[1]))
    return first, (last - first).days


def _days_stood(stops: Iterable[Span], unit: str, calendar: Calendar) -> int:
    """Return how many days the clock stood still in all: those begun count once half of them is
    full.
    """
    left, days = _stood(stops, unit, calendar), 0
    day = DAY
    if unit == "working_days":
        day = _length(calendar)
    while left >= day / 2:
        left, days = left - day, days + 1
    return days


def _stood(stops: Iterable[Span], unit: str, calendar: Calendar) -> timedelta:
    """Return how long the clock stood still in all, by what its limit counts."""
    spans = (span for stop in stops for span in _hours(stop, unit, calendar))
    return sum((ends - begins for begins, ends in spans), timedelta(0))


def _length(calendar: Calendar) -> timedelta:
    """Return the office hours of a working day."""
    day = date(2026, 1, 1)
    while not works(calendar, day):
        day += DAY
    return sum((ends - begins for begins, ends in sessions(calendar, day)), timedelta(0))


def _hours(stop: Span, unit: str, calendar: Calendar) -> Iterator[Span]:
    """Yield the parts of a stop that count: its office hours, or all of it."""
    begins, ends = stop
    if unit not in ("working_hours", "working_days"):
        yield begins, ends
        return
    for opens, closes in office(calendar, begins):
        if opens >= ends:
            return
        yield opens, min(closes, ends)


def _still(moment: datetime, stops: Iterable[Span]) -> bool:
    return any(begins < moment <= ends for begins, ends in stops)


def _date(moment: datetime, calendar: Calendar) -> date:
    return moment.astimezone(calendar.zone).date()


def _wall(day: date, clock: time, calendar: Calendar) -> datetime:
    return datetime.combine(day, clock, calendar.zone).astimezone(UTC)
