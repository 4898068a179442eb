"""Days that a figure is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine import settings

LONGEST = timedelta(days=1100)


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both counted, in the zone of the office."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time.min, _zone())

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time.min, _zone())

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return [
            self.first + timedelta(days=number)
            for number in range((self.last - self.first).days + 1)
        ]


def today_of(now: datetime) -> date:
    """Return the local day of a moment."""
    return now.astimezone(_zone()).date()


def named_period(name: str, now: datetime) -> Period:
    """``today``, ``week`` (from Monday), ``month``, ``year``: from its first day to today."""
    today = today_of(now)
    starts = {
        "today": today,
        "week": today - timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "year": today.replace(month=1, day=1),
    }
    return Period(starts.get(name, starts["month"]), today)


def between(first: str, last: str, now: datetime) -> Period | None:
    """Return a period as typed; None when it is not one, ends before it starts, or is too long."""
    try:
        period = Period(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        return None
    fits = timedelta(0) <= period.last - period.first <= LONGEST
    return period if fits and period.last <= today_of(now) + timedelta(days=1) else None


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.current().timezone)
