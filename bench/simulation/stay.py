"""A task's time in one unit, according to the chain, and how late it was there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass
class ReplayedStay:
    """By when a task should have been signed for and done in a unit, and when it was."""

    unit: int
    came_at: datetime
    left_at: datetime | None = None
    taken_at: datetime | None = None
    due: datetime | None = None
    sign_due: datetime | None = None

    def late(self, until: datetime) -> timedelta:
        """Return how long it was late there."""
        return _beyond(self.due, self.came_at, self.left_at or until)

    def unsigned_time(self, until: datetime) -> timedelta:
        """Return how long it waited there beyond its limit for signing."""
        if self.taken_at is not None and self.taken_at <= self.came_at:
            return timedelta(0)
        return _beyond(self.sign_due, self.came_at, self.taken_at or self.left_at or until)


def _beyond(due: datetime | None, came: datetime, ends: datetime) -> timedelta:
    return timedelta(0) if due is None else max(ends - max(due, came), timedelta(0))
