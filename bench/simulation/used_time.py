"""What units have used of steps that come back to them, and what the citizen was promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bench.simulation import oracle
from engine.worktime import Calendar, Limit

SENT_BACK = ("task.returned", "task.moved")
# What is told of a step after what began it.
FOLLOWING = (
    *("task.opened", "task.cancelled", "case.changed", "clock.recounted", "case.answered"),
    *("case.unanswered", "case.closed", "help.asked", "help.left_out"),
)
CLOSING = ("task.completed", "task.returned", "task.moved", "task.cancelled")


@dataclass(frozen=True)
class UsedClock:
    """A clock as a unit left it: since when, when it stopped, in which spans it stood still."""

    since: datetime
    until: datetime
    stops: tuple[oracle.Span, ...] = ()

    def end(
        self, limit: Limit, at: datetime, calendar: Calendar, pauses: Sequence[oracle.Span] = ()
    ) -> datetime:
        """Return when a limit ends of a clock that goes on at ``at``."""
        gap = (self.until, max(self.until, at))
        late = oracle.deadline(self.since, limit, calendar, away=self.stops) <= self.until
        if late:
            return oracle.deadline(self.since, limit, calendar, away=(*self.stops, gap))
        return oracle.deadline(self.since, limit, calendar, (gap, *pauses), away=self.stops)

    def and_then(
        self, begun: datetime, until: datetime, pauses: Sequence[oracle.Span]
    ) -> UsedClock:
        """Return the same clock after it went on from ``begun`` to ``until``."""
        gap = (self.until, max(self.until, begun))
        return UsedClock(self.since, max(begun, until), (*self.stops, gap, *pauses))


@dataclass(frozen=True)
class UsedSpan:
    """A step's time in a unit, as it was left."""

    node: str
    unit: int
    came: datetime
    left_at: datetime
    how: str
    sign: UsedClock | None
    handle: UsedClock | None


def used_before(
    spans: Sequence[UsedSpan], node: str, unit: int, sent_back: bool
) -> UsedSpan | None:
    """Return what a unit has used of a step; nothing of one that it completed and that comes
    again.
    """
    mine = [one for one in spans if (one.node, one.unit) == (node, unit)]
    if not mine:
        return None
    last = sorted(mine, key=lambda one: (one.left_at, one.came))[-1]
    if last.how != "completed" or sent_back:
        return last
    for one in spans:
        if one.how == "moved" and one.left_at >= last.left_at:
            to = [other.node for other in spans if other.came == one.left_at]
            if any(other.node in to and other.came <= last.came for other in spans):
                return last
    return None


@dataclass
class CitizenClock:
    """The citizen's clock according to the chain."""

    limit: Limit | None
    calendar: Calendar
    opened_at: datetime
    due: datetime | None = None
    answered_at: datetime | None = None
    # The spans in which an answer held that was withdrawn, and the least a correction has.
    away: list[oracle.Span] = field(default_factory=list)
    least: datetime | None = None
    # Whether an answer that was withdrawn had come too late.
    too_late: bool = False

    def begin(self, at: datetime) -> None:
        """The case is opened."""
        self.opened_at = at
        if self.limit is not None:
            self.due = self._due(self.limit)

    def withdraw(self, at: datetime, least: str | None) -> None:
        """The answer does not hold: the time since it is not counted."""
        assert self.answered_at is not None
        self.too_late = self.too_late or (self.due is not None and self.answered_at > self.due)
        self.away.append((self.answered_at, at))
        self.answered_at = None
        floors = [one for one in (self.least, least and datetime.fromisoformat(least)) if one]
        self.least = max(floors, default=None)
        if self.limit is not None and self.due is not None:
            self.due = self._due(self.limit)

    def change(self, limit: Limit | None, at: datetime) -> bool:
        """Promise another limit, while the clock runs and has not ended; return whether that moves
        its end.
        """
        self.limit, before = limit, self.due
        runs = self.answered_at is None and before is not None and before > at
        if limit is not None and runs:
            self.due = max(self._due(limit), at)
        return self.due != before

    def late(self, until: datetime) -> bool:
        """Return whether there was no answer in time, now or once before."""
        by = self.answered_at or until
        return self.too_late or (self.due is not None and by > self.due)

    def running(self) -> datetime | None:
        """Return the end of the clock while it runs."""
        return self.due if self.answered_at is None else None

    def _due(self, limit: Limit) -> datetime:
        due = oracle.deadline(self.opened_at, limit, self.calendar)
        # An answer that came after the end has stopped nothing.
        held = [span for span in self.away if span[0] < due]
        due = oracle.deadline(self.opened_at, limit, self.calendar, held)
        return due if self.least is None else max(due, self.least)
