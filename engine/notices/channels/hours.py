"""Quiet hours and digests: when a message may go out; pure, in local time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from feel.text import Text

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class QuietHours:
    """A span of the local day in which nobody is disturbed; it may run over midnight."""

    start: time
    end: time
    zone: ZoneInfo

    def after(self, moment: datetime) -> datetime:
        """Return the moment itself, or the end of the quiet hours that it lies in."""
        local = moment.astimezone(self.zone)
        clock = local.time().replace(tzinfo=None)
        over_midnight = self.start > self.end
        if over_midnight and (clock >= self.start or clock < self.end):
            day = local.date() + timedelta(days=int(clock >= self.start))
        elif not over_midnight and self.start <= clock < self.end:
            day = local.date()
        else:
            return moment
        return datetime.combine(day, self.end, self.zone).astimezone(moment.tzinfo)


@dataclass(frozen=True)
class CountyHours:
    """What the county set: its quiet hours, if any, and when the daily digest goes out."""

    quiet: QuietHours | None
    daily: time
    zone: ZoneInfo

    def own(self, start: str | None, end: str | None) -> QuietHours | None:
        """Somebody's own quiet hours, else the county's; equal times mean none at all."""
        if start is None or end is None:
            return self.quiet
        if start == end:
            return None
        return QuietHours(time.fromisoformat(start), time.fromisoformat(end), self.zone)

    def next_digest(self, digest: str, moment: datetime) -> datetime:
        """Return when the digest that gathers ``moment`` goes out."""
        local = moment.astimezone(self.zone)
        if digest == "hourly":
            start = local.replace(minute=0, second=0, microsecond=0)
            return (start + HOUR).astimezone(moment.tzinfo)
        day = local.date() + timedelta(days=int(local.time() >= self.daily))
        return datetime.combine(day, self.daily, self.zone).astimezone(moment.tzinfo)


def clock_time(text: str) -> str | None:
    """``HH:MM`` as typed; None when it is no time of the day."""
    try:
        return time.fromisoformat(text).strftime("%H:%M") if len(text) == 5 else None
    except ValueError:
        return None


NO_TIME = Text("请填写时间，例如 22:00。", "Give a time such as 22:00.")
