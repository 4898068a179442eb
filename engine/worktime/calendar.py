"""The calendar of an office: its hours, the days off and the make-up days (调休).

Working days are numbered, so that every question is answered by arithmetic on numbers and a
binary search over the few days that differ from the plain Monday-to-Friday week.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache, cached_property
from itertools import accumulate
from zoneinfo import ZoneInfo

import chinese_calendar

from engine.worktime.statutory import RULES_OF_2025, unpublished
from feel import Text

Sessions = tuple[tuple[time, time], ...]

OFFICE_HOURS: Sessions = ((time(8, 30), time(12)), (time(14, 30), time(18)))
# An end of 00:00 is 24:00: an office that never closes.
ROUND_THE_CLOCK: Sessions = ((time(0), time(0)),)
MONDAY_TO_FRIDAY = (True, True, True, True, True, False, False)
EVERY_DAY = (True,) * 7
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOTHING = timedelta(0)
# The State Council's notice of the next year comes out in October or November.
NOTICE_MONTH = 10


@dataclass(frozen=True)
class Calendar:
    """When an office works.

    `sessions` are the office hours of a working day in the time of `zone`; `week` tells which
    days from Monday on are worked; `days` holds the exceptions from that week (True: worked,
    False: off); `published_years` are the years whose holidays the State Council has announced.
    Raises ValueError for impossible sessions, or a week without a working day.
    """

    zone: tzinfo = SHANGHAI
    sessions: Sessions = OFFICE_HOURS
    days: Mapping[date, bool] = field(default_factory=dict, hash=False)
    published_years: frozenset[int] = frozenset()
    week: tuple[bool, ...] = MONDAY_TO_FRIDAY
    # Whether a period in days, months or years ends at the close of business (Civil Code,
    # art. 203, second paragraph) and not at 24:00.
    ends_at_close: bool = False

    def __post_init__(self) -> None:
        edges = [
            edge
            for begins, ends in self.sessions
            for edge in (since_midnight(begins), until_midnight(ends))
        ]
        if not edges or any(b <= a for a, b in zip(edges, edges[1:], strict=False)):
            raise ValueError("office hours must be non-empty, in order and must not overlap")
        if len(self.week) != 7 or not any(self.week):
            raise ValueError("a week has seven days, and work on one of them at least")

    def is_working(self, day: date) -> bool:
        """Return whether the office works on this day."""
        exception = self.days.get(day)
        return self.week[day.weekday()] if exception is None else exception

    def provisional(self, year: int) -> bool:
        """Return whether the year's holidays are not published, so that results may still move."""
        # Where every day is worked, no notice can change anything.
        return year not in self.published_years and not all(self.week)

    def opens(self, day: date) -> datetime:
        """Return the moment (UTC) at which office hours begin on this day, worked or not."""
        return self.moment(day, self.sessions[0][0])

    def closes(self, day: date) -> datetime:
        """Return the moment (UTC) at which office hours end on this day, worked or not."""
        ends = self.sessions[-1][1]
        return self.midnight_after(day) if ends == time(0) else self.moment(day, ends)

    def period_ends(self, day: date) -> datetime:
        """Return the moment (UTC) at which a period in days, months or years ends on its last
        day.
        """
        return self.closes(day) if self.ends_at_close else self.midnight_after(day)

    def notice_missing(self, now: datetime) -> int | None:
        """Return the year whose notice of holidays should be out and is not; from October on."""
        today = self.local(now).date()
        years = (today.year, today.year + 1) if today.month >= NOTICE_MONTH else (today.year,)
        return next((year for year in years if self.provisional(year)), None)

    def moment(self, day: date, clock: time) -> datetime:
        """Return the UTC moment of a wall-clock time of the office."""
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def local(self, moment: datetime) -> datetime:
        """Return a moment in the office's own time. Raises ValueError for a naive datetime."""
        if moment.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return moment.astimezone(self.zone)

    def midnight_after(self, day: date) -> datetime:
        """Return 24:00 of a day, which a clock calls 00:00 of the next (UTC)."""
        return self.moment(day + timedelta(days=1), time(0))

    def open_from(self, moment: datetime) -> datetime:
        """Return the moment itself if the office is open then, else the next opening (UTC)."""
        local = self.local(moment)
        if self.is_working(local.date()):
            for begins, ends in self.sessions:
                if since_midnight(local.time()) < until_midnight(ends):
                    return self.moment(local.date(), max(local.time(), begins))
        return self.opens(self.add_working_days(local.date(), 1))

    def awake_from(self, moment: datetime) -> datetime:
        """Return the moment itself in office hours or at their end, else the next opening (UTC).

        When something that comes with a limit may fire: never at night nor on a day off.
        """
        local = self.local(moment)
        clock = since_midnight(local.time())
        at_work = self.is_working(local.date()) and any(
            since_midnight(begins) <= clock <= until_midnight(ends)
            for begins, ends in self.sessions
        )
        return local.astimezone(UTC) if at_work else self.open_from(moment)

    # Working days by number

    def working_days_until(self, day: date) -> int:
        """Number a day: how many working days there are up to and including it."""
        return self._count(day.toordinal())

    def add_working_days(self, day: date, amount: int) -> date:
        """Return the working day that is the `amount`-th after the day (or before, if negative).

        Raises ValueError when it would lie outside of the years 1 to 9999.
        """
        if amount == 0:
            return day
        ordinal = day.toordinal()
        forward = amount > 0
        # Before a day means: the number of the wanted day counted from below, found by
        # walking from the day before; the last step always lands on a working day.
        target = self._count(ordinal if forward else ordinal - 1) + amount + (not forward)
        if not forward:
            ordinal -= 1
        return self._walk(ordinal, target, forward)

    def working_day_from(self, day: date) -> date:
        """Return the day itself if it is worked, else the next working day."""
        return day if self.is_working(day) else self.add_working_days(day, 1)

    def _walk(self, ordinal: int, target: int, forward: bool) -> date:
        try:
            while True:
                if forward:
                    missing = target - self._count(ordinal)
                    if missing == 0:
                        return date.fromordinal(ordinal)
                    # n days hold at most n working days, so the step never overshoots.
                    ordinal += missing
                else:
                    missing = self._count(ordinal - 1) - (target - 1)
                    if missing == 0:
                        return date.fromordinal(ordinal)
                    ordinal -= missing
        except (OverflowError, ValueError) as error:
            raise ValueError("the day lies outside of the calendar") from error

    def _count(self, ordinal: int) -> int:
        weeks, rest = divmod(ordinal, 7)
        ordinals, shifts = self._exceptions
        position = bisect_right(ordinals, ordinal)
        plain = weeks * self._workdays[7] + self._workdays[rest]
        return plain + (shifts[position - 1] if position else 0)

    @cached_property
    def _workdays(self) -> tuple[int, ...]:
        """How many of the first n days of a week are worked, n from 0 to 7."""
        return (0, *accumulate(int(works) for works in self.week))

    @cached_property
    def _exceptions(self) -> tuple[list[int], list[int]]:
        """The days that differ from the plain week, with their running balance."""
        differing = sorted(
            (day.toordinal(), 1 if works else -1)
            for day, works in self.days.items()
            if works != self.week[day.weekday()]
        )
        return [day for day, _ in differing], list(accumulate(shift for _, shift in differing))

    # Office time by amount

    @cached_property
    def day_length(self) -> timedelta:
        """The office time of one working day."""
        return sum((length for _, length in self._spans), NOTHING)

    def office_time(self, moment: datetime) -> timedelta:
        """Measure the office time from the beginning of the calendar up to a moment."""
        local = self.local(moment)
        past = (self.working_days_until(local.date()) - self.is_working(local.date())) * (
            self.day_length
        )
        if not self.is_working(local.date()):
            return past
        clock = since_midnight(local.time())
        return past + sum(
            (min(max(clock - begins, NOTHING), length) for begins, length in self._spans), NOTHING
        )

    def at_office_time(self, amount: timedelta) -> datetime:
        """Return the first moment (UTC) by which this much office time has passed; see above."""
        number, rest = divmod(amount, self.day_length)
        if not rest:
            # A full day ends at the close of its office hours, not at the next opening.
            number, rest = number - 1, self.day_length
        day = self._walk(1, number + 1, forward=True)
        for begins, length in self._spans:
            if rest <= length:
                wall = datetime.combine(day, time(0)) + begins + rest
                return wall.replace(tzinfo=self.zone).astimezone(UTC)
            rest -= length
        raise AssertionError("rest is at most the day's office time")

    @cached_property
    def _spans(self) -> tuple[tuple[timedelta, timedelta], ...]:
        return tuple(
            (since_midnight(begins), until_midnight(ends) - since_midnight(begins))
            for begins, ends in self.sessions
        )


def since_midnight(clock: time) -> timedelta:
    """Return a wall-clock time as the time since midnight."""
    return timedelta(
        hours=clock.hour,
        minutes=clock.minute,
        seconds=clock.second,
        microseconds=clock.microsecond,
    )


def until_midnight(ends: time) -> timedelta:
    """Return the end of a session as the time since midnight; 00:00 is 24:00."""
    return since_midnight(ends) or timedelta(days=1)


@cache
def published_years() -> frozenset[int]:
    """Name the years whose holidays the installed `chinesecalendar` knows."""
    return frozenset(day.year for day in chinese_calendar.holidays)


def published_days(year: int) -> Mapping[date, bool] | None:
    """Return a year's public holidays (False) and make-up days (True), or None if unpublished.

    Source: the State Council's yearly notices, as packaged by `chinesecalendar`.
    """
    if year not in published_years():
        return None
    found = {day: False for day in chinese_calendar.holidays if day.year == year}
    found.update({day: True for day in chinese_calendar.workdays if day.year == year})
    return dict(sorted(found.items()))


def published_names(year: int) -> Mapping[date, Text]:
    """Name the holiday that each of `published_days` belongs to; empty if unpublished."""
    names = {holiday.value: holiday for holiday in chinese_calendar.Holiday}
    found = {**chinese_calendar.workdays, **chinese_calendar.holidays}
    return {
        day: Text(names[value].chinese, value)
        for day, value in sorted(found.items())
        if day.year == year
    }


@cache
def published_calendar() -> Calendar:
    """Return the calendar of a Chinese office as published: the default before anyone edits it.

    Years without a notice have the holidays that need none.
    """
    days = unpublished(RULES_OF_2025, published_years())
    for year in sorted(published_years()):
        days.update(published_days(year) or {})
    return Calendar(days=days, published_years=published_years())
