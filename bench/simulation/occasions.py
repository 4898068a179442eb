"""What happens once for certain in a short simulation, so that no fault lacks its occasion.

A task is signed for, stands still for a working day and is then forgotten; on the last morning
whoever alone could sign for what waits leaves, and nobody comes after.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.simulation import holidays
from bench.simulation.people import Crowd
from engine import org
from engine.access import actors
from engine.casework import cases, moves
from engine.casework.moves.move_limits import REASONS
from engine.models import Case, Deputy, Post, Task, User
from engine.storage.db import transaction

UNITS = ("working_days", "working_hours")
# Others have been about by then.
LATER = timedelta(minutes=8)


class Occasions:
    """The certain events of one simulation; each counts once it has happened."""

    def __init__(self, crowd: Crowd, last: datetime) -> None:
        self.crowd, self.last = crowd, last
        self.happened: Counter[str] = Counter()
        # The task that stands still, and who has it.
        self.standing: tuple[int, int] | None = None

    def go_on(self, morning: datetime) -> None:
        """Do what is to be done on this morning."""
        now = morning + LATER
        office = holidays.office()
        today = office.local(now).date()
        full = office.is_working(today) and office.is_working(today + timedelta(days=1))
        if self.standing is not None:
            self._resume(*self.standing, now)
        elif not self.happened["stand_still"] and full:
            self._stand_still(now)
        if morning.date() >= self.last.date():
            self._desert(now)

    def _stand_still(self, now: datetime) -> None:
        """Sign for the open task with the shortest limit, and stop its clock at once."""
        with transaction() as db:
            found = self._to_sign(db, now)
            if found is None:
                return
            task_id, user_id = found
            cases.sign(db, actors.actor_of(db, user_id, now), task_id, now=now)
        with transaction() as db:
            actor = actors.actor_of(db, user_id, now)
            moves.suspend(db, actor, task_id, sorted(REASONS)[0], "等待材料。", now=now)
        self.standing = found
        self.crowd.orphans.add(task_id)

    def _to_sign(self, db: Session, now: datetime) -> tuple[int, int] | None:
        waits = select(Task).where(
            Task.done_at.is_(None), Task.assignee_id.is_(None), Task.limit_unit.in_(UNITS)
        )
        for task in db.scalars(waits.order_by(Task.limit_unit, Task.limit_amount, Task.id)):
            holders = org.holders(db, task.unit_id, task.role, now)
            plain = not db.get_one(Case, task.case_id).guarded and task.counts_from is None
            if holders and plain and task.started_at is None:
                return task.id, holders[0].user_id
        return None

    def _resume(self, task_id: int, user_id: int, now: datetime) -> None:
        """Resume its clock; nobody does it any more."""
        self.standing = None
        with transaction() as db:
            moves.resume(db, actors.actor_of(db, user_id, now), task_id, now=now)
        self.happened["stand_still"] += 1

    def _desert(self, now: datetime) -> None:
        """End the only one who could sign for what waits."""
        with transaction() as db:
            user_id = self._alone(db)
            if user_id is not None:
                org.end_user(db, None, db.get_one(User, user_id), now=now)
                self.happened["desert"] += 1

    def _alone(self, db: Session) -> int | None:
        waits = select(Task).where(Task.done_at.is_(None), Task.assignee_id.is_(None))
        for task in db.scalars(waits.order_by(Task.id)):
            seats = select(Post).where(
                Post.unit_id == task.unit_id, Post.role == task.role, Post.until_at.is_(None)
            )
            held = [post for post in db.scalars(seats) if post.user_id is not None]
            stands_in = select(Deputy.id).where(Deputy.post_id.in_([post.id for post in held]))
            if len(held) == 1 and db.scalar(stands_in.limit(1)) is None:
                return held[0].user_id
        return None
