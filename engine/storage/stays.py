"""A task's stay in a unit, and what it counts: received, done, in time, late, and how long late.

Pure: rows in, counts out. A unit answers for the time that the task was with it, no more and no
less; a task that is passed on begins a new stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


class StayCount(NamedTuple):
    """So much more of a measure on a local day, ``2026-11-20``."""

    measure: str
    day: str
    amount: int


@dataclass(frozen=True)
class Stay:
    """From when a task came to a unit until it left; ``left_at`` is None while it is there.

    ``taken_at`` is when somebody there first signed for it.
    """

    came_at: datetime
    sign_due_at: datetime | None
    taken_at: datetime | None
    due_at: datetime | None
    limited: bool
    left_at: datetime | None = None
    how: str | None = None

    @classmethod
    def of_task(cls, task: Any) -> Stay:
        """Return the stay that a task's own row tells: the present one, or the one it was done
        in.
        """
        return cls(
            task.came_at,
            task.sign_due_at,
            task.taken_at,
            task.due_at,
            task.limit_amount is not None,
            task.done_at,
            task.outcome,
        )

    @classmethod
    def of_row(cls, row: Any) -> Stay:
        """Return a stay that ended because the task was passed on to another unit."""
        return cls(
            row.came_at,
            row.sign_due_at,
            row.taken_at,
            row.due_at,
            row.limited,
            row.left_at,
            "passed",
        )

    def counts(self, zone: ZoneInfo) -> Iterator[StayCount]:
        """Yield all that the stay counts, up to where it has got."""
        yield StayCount("came", _day(self.came_at, zone), 1)
        yield from self.signing_counts(zone)
        yield from self.leaving_counts(zone)

    def signing_counts(self, zone: ZoneInfo) -> Iterator[StayCount]:
        """Yield what the first signing counts. What was put into somebody's hands nobody signed
        for.
        """
        due, at = self.sign_due_at, self.taken_at
        if due is None or at is None or self.handed:
            return
        yield StayCount("sign_limited", _day(at, zone), 1)
        if at <= due:
            yield StayCount("sign_in_time", _day(at, zone), 1)
        else:
            yield from _late("sign_late", max(due, self.came_at), at, zone)

    def leaving_counts(self, zone: ZoneInfo) -> Iterator[StayCount]:
        """Yield what the end counts; one that was cancelled only where it was late."""
        at, due, signing = self.left_at, self.due_at, self.sign_due_at
        if at is None:
            return
        day = _day(at, zone)
        yield StayCount("done" if self.how == "completed" else "gone", day, 1)
        if self.taken_at is None and signing is not None and at > signing:
            yield StayCount("sign_limited", day, 1)
            yield from _late("sign_late", max(signing, self.came_at), at, zone)
        if not self.limited:
            return
        late = due is not None and at > due
        if late or self.how != "cancelled":
            yield StayCount("done_limited", day, 1)
        if late:
            assert due is not None
            yield from _late("late", max(due, self.came_at), at, zone)
        elif self.how != "cancelled":
            yield StayCount("done_in_time", day, 1)

    @property
    def handed(self) -> bool:
        """Whether it came straight into somebody's hands, so that there was nothing to sign."""
        return self.taken_at is not None and self.taken_at <= self.came_at


def _late(name: str, begins: datetime, ends: datetime, zone: ZoneInfo) -> Iterator[StayCount]:
    """Yield one more that was late from then until then, and its whole minutes, each on its day."""
    yield StayCount(f"{name}_from", _day(begins, zone), 1)
    yield StayCount(f"{name}_until", _day(ends, zone), 1)
    told, day = 0, begins.astimezone(zone).date()
    while told < (whole := (ends - begins) // MINUTE):
        midnight = datetime.combine(day + timedelta(days=1), time.min, zone)
        by_then = min(whole, (midnight - begins) // MINUTE)
        if by_then > told:
            yield StayCount(f"{name}_minutes", day.isoformat(), by_then - told)
        told, day = by_then, day + timedelta(days=1)


def _day(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat()
