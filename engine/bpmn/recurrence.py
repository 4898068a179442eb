"""Durations by the calendar, and the moments of a cycle counted from its anchor.

Months and days go by the local calendar, so that the hour of the day stays; hours, minutes and
seconds are time that passes. A month that has no such day ends on its last one, and the next
is counted from the anchor again: 31 January, 28 February, 31 March.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from feel.temporal import add_months


@dataclass(frozen=True)
class CalendarSpan:
    """A duration: calendar months, calendar days and an exact rest."""

    months: int = 0
    days: int = 0
    rest: timedelta = timedelta()

    def after(self, start: datetime, zone: tzinfo, count: int = 1) -> datetime:
        """Return the moment ``count`` of these after ``start``, in UTC.

        Raises OverflowError beyond the year 9999.
        """
        moment = start.astimezone(UTC)
        if self.months or self.days:
            local = start.astimezone(zone).replace(tzinfo=None)
            day = add_months(local.date(), self.months * count)
            if day is None:
                raise OverflowError(self.months)
            day += timedelta(days=self.days * count)
            moment = datetime.combine(day, local.time(), zone).astimezone(UTC)
        return moment + self.rest * count

    def next_after(self, anchor: datetime, now: datetime, zone: tzinfo) -> datetime:
        """Return the first moment later than ``now`` a whole number of these after ``anchor``."""
        low, high = 1, 1 + max(0, int((now - anchor) / self._shortest()) + 1)
        # By halving: a cycle of seconds may have missed millions of them.
        while low < high:
            middle = (low + high) // 2
            if self.after(anchor, zone, middle) > now:
                high = middle
            else:
                low = middle + 1
        return self.after(anchor, zone, low)

    def _shortest(self) -> timedelta:
        """Return the least that it can last: in February, and over a night of 23 hours."""
        days = self.months * 28 + self.days
        return timedelta(hours=23) * days + self.rest

    def __bool__(self) -> bool:
        return bool(self.months or self.days or self.rest)
