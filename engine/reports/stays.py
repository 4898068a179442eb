"""Tasks by the units that they were with, as rows: what lists and live sums of figures ask.

The same rules as ``engine/storage/stays.py``, which counts them, told in SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from engine.models import Case, Task, TaskStay, Unit
from engine.models.base import UtcDateTime
from engine.reports.area import Area
from engine.reports.period import Period

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class PeriodMoments:
    """A period as moments, and now: what lies ahead has not happened by its end either."""

    start: datetime
    end: datetime
    now: datetime

    @classmethod
    def of(cls, period: Period, now: datetime) -> PeriodMoments:
        """Of the local days of a period."""
        return cls(period.start, period.end, now)

    def holds(self, moment: Any) -> Condition:
        """Return whether it lies in the period."""
        return and_(moment >= self.start, moment < self.end)

    def by_end(self, moment: Any) -> Condition:
        """Return whether it had come when the period ended, or has by now."""
        return and_(moment < self.end, moment <= self.now)


def all_stays() -> Subquery:
    """Return every stay: where tasks are or were done, and where they were passed on."""
    passed = select(
        TaskStay.id,
        TaskStay.task_id,
        TaskStay.unit_id,
        TaskStay.came_at,
        TaskStay.left_at,
        literal("passed"),
        TaskStay.sign_due_at,
        TaskStay.taken_at,
        TaskStay.due_at,
        TaskStay.limited,
        null(),
    )
    return union_all(_own(), passed).subquery("stay")


def _own() -> Select[Any]:
    return select(
        Task.id.label("key"),
        Task.id.label("task_id"),
        Task.unit_id,
        Task.came_at,
        Task.done_at.label("left_at"),
        Task.outcome.label("how"),
        Task.sign_due_at,
        Task.taken_at,
        Task.due_at,
        case((Task.limit_amount.is_not(None), true()), else_=false()).label("limited"),
        Task.paused_at,
    ).where(Task.came_at.is_not(None))


class StayConditions:
    """What holds of a stay, of a table with its columns: of all stays, or of open tasks alone."""

    def __init__(self, columns: Any) -> None:
        self.stay = columns

    def arrival(self, at: PeriodMoments) -> Condition:
        """It came in the period."""
        return at.holds(self.stay.came_at)

    def completion(self, at: PeriodMoments) -> Condition:
        """Return the task was completed there in the period."""
        return and_(self.stay.how == "completed", at.holds(self.stay.left_at))

    def there(self, at: PeriodMoments) -> Condition:
        """Return the unit still had it when the period ended."""
        return and_(at.by_end(self.stay.came_at), self._not_before_end(self.stay.left_at, at))

    def ending(self, at: PeriodMoments) -> Condition:
        """It ended in the period, had a limit, and counts for the rate."""
        late = self.stay.left_at > self.stay.due_at
        counts = or_(self.stay.how != "cancelled", and_(self.stay.due_at.is_not(None), late))
        return and_(self.stay.limited, at.holds(self.stay.left_at), counts)

    def in_time(self, at: PeriodMoments) -> Condition:
        """It ended in the period, before its limit had passed."""
        kept = or_(self.stay.due_at.is_(None), self.stay.left_at <= self.stay.due_at)
        return and_(self.ending(at), self.stay.how != "cancelled", kept)

    def late_ending(self, at: PeriodMoments) -> Condition:
        """It ended in the period, after its limit had passed."""
        return and_(self.ending(at), self.stay.left_at > self.stay.due_at)

    def late_there(self, at: PeriodMoments) -> Condition:
        """It was late and not yet done when the period ended, or is now."""
        running = or_(self.stay.paused_at.is_(None), self.stay.paused_at > self.stay.due_at)
        late = and_(self.stay.limited, at.by_end(self.stay.due_at), running)
        return and_(late, self.there(at))

    def signing(self, at: PeriodMoments) -> Condition:
        """In the period it was signed for, or it left unsigned when that was late."""
        stay = self.stay
        taken = and_(at.holds(stay.taken_at), stay.taken_at > stay.came_at)
        never = and_(
            stay.taken_at.is_(None), at.holds(stay.left_at), stay.left_at > stay.sign_due_at
        )
        return and_(stay.sign_due_at.is_not(None), or_(taken, never))

    def signing_in_time(self, at: PeriodMoments) -> Condition:
        """It was signed for in the period, within the limit for signing."""
        return and_(self.signing(at), self.stay.taken_at <= self.stay.sign_due_at)

    def late_signing(self, at: PeriodMoments) -> Condition:
        """It was signed for in the period, or left unsigned, when that was late."""
        ended = func.coalesce(self.stay.taken_at, self.stay.left_at)
        return and_(self.signing(at), ended > self.stay.sign_due_at)

    def unsigned_there(self, at: PeriodMoments) -> Condition:
        """Nobody had signed for it when the period ended, though the limit had passed."""
        stay = self.stay
        handed = and_(stay.taken_at.is_not(None), stay.taken_at <= stay.came_at)
        waiting = self._not_before_end(stay.taken_at, at)
        return and_(at.by_end(stay.sign_due_at), waiting, self.there(at), ~handed)

    @staticmethod
    def _not_before_end(moment: Any, at: PeriodMoments) -> Condition:
        return or_(moment.is_(None), moment >= at.end)


def open_late(db: Session, area: Area, at: PeriodMoments, process: str = "") -> Select[Any]:
    """Of open tasks, by part and process: how many were late when the period ended, how many
    seconds of it; the same of those not signed for.

    What was done or signed for since is in the counters.
    """
    stay = _own().where(Task.done_at.is_(None)).subquery("stay")
    of = StayConditions(stay.c)
    late = of.late_there(at)
    unsigned = and_(of.unsigned_there(at), stay.c.taken_at.is_(None))
    found = (
        select(
            area.part().label("part"),
            Case.process,
            func.count().filter(late).label("late_there"),
            _seconds(db, stay.c.due_at, stay.c.came_at, at, late),
            func.count().filter(unsigned).label("unsigned_there"),
            _seconds(db, stay.c.sign_due_at, stay.c.came_at, at, unsigned),
        )
        .select_from(stay)
        .join(Task, Task.id == stay.c.task_id)
        .join(Unit, Unit.id == stay.c.unit_id)
        .join(Case, and_(Case.id == Task.case_id, Case.county_id == Task.county_id))
        .where(or_(late, unsigned), area.holds(Unit))
        .group_by("part", Case.process)
    )
    return found.where(Case.process == process) if process else found


def _seconds(
    db: Session, due: Any, came: Any, at: PeriodMoments, condition: Condition
) -> ColumnElement[Any]:
    """Return how long stays which are late now were so in the period, summed."""
    latest = func.greatest if db.get_bind().dialect.name == "postgresql" else func.max
    start, ends = (
        _epoch(db, literal(moment, UtcDateTime)) for moment in (at.start, min(at.end, at.now))
    )
    span = ends - latest(_epoch(db, due), _epoch(db, came), start)
    return func.coalesce(func.sum(latest(span, 0)).filter(condition), 0)


def _epoch(db: Session, moment: Any) -> ColumnElement[int]:
    """Return seconds since 1970."""
    if db.get_bind().dialect.name == "postgresql":
        return func.extract("epoch", moment)
    return cast(func.strftime("%s", moment), Integer)
