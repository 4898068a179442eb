"""What happens once for certain in a short simulation, so that no fault lacks its occasion.

A task is signed for, stands still for a working day and is then forgotten; another becomes urgent
and nobody looks at it; one that is late is passed on to the unit beside; a worker's clock is far
ahead; on the last morning whoever alone could sign for what waits leaves, and nobody comes after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.simulation import holidays
from bench.simulation.people import Crowd
from engine import org
from engine.access import actors
from engine.casework import cases, moves
from engine.casework.moves.move_limits import REASONS
from engine.errors import DomainError
from engine.models import Case, Deputy, Post, Task, Unit, User
from engine.storage.db import reading, transaction

UNITS = ("working_days", "working_hours")
# Others have been about by then.
LATER = timedelta(minutes=8)
URGENT = {"priority": "紧急"}
AFTERWARDS = timedelta(minutes=1)


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
        if not self.happened["urgent_left"]:
            self._leave_urgent(now + AFTERWARDS)
        if not self.happened["late_passed_on"]:
            self._pass_on_late(now + 2 * AFTERWARDS)
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
        """Resume its clock, unless somebody else has; nobody does it any more."""
        self.standing = None
        try:
            with transaction() as db:
                moves.resume(db, actors.actor_of(db, user_id, now), task_id, now=now)
        except DomainError:
            return
        self.happened["stand_still"] += 1

    def _leave_urgent(self, now: datetime) -> None:
        """Make a case urgent whose task nobody looks at any more."""
        waits = select(Task.id, Task.case_id).join(Case, Case.id == Task.case_id)
        with reading() as db:
            found = db.execute(
                waits.where(Task.done_at.is_(None), Case.guarded.is_(False)).order_by(Task.id)
            ).all()
            leaders = org.holders(db, self.crowd.desk.county_id, "leader", now)
        for task_id, case_id in found if leaders else ():
            if task_id in self.crowd.orphans:
                continue
            try:
                with transaction() as db:
                    leader = actors.actor_of(db, leaders[0].user_id, now)
                    moves.reclassify(db, leader, case_id, URGENT, "情况有变。", now=now)
            except DomainError:
                continue
            self.crowd.orphans.add(task_id)
            self.happened["urgent_left"] += 1
            return

    def _pass_on_late(self, now: datetime) -> None:
        """Pass a task that is late on to the unit beside."""
        with reading() as db:
            found = list(self._late_ones(db, now))
        for task_id, user_id, unit_id in found:
            try:
                with transaction() as db:
                    actor = actors.actor_of(db, user_id, now)
                    moves.transfer(db, actor, task_id, unit_id, "属该单位职责。", now=now)
            except DomainError:
                continue
            self.happened["late_passed_on"] += 1
            return

    def _late_ones(self, db: Session, now: datetime) -> Iterator[tuple[int, int, int]]:
        """Yield late tasks with who may pass them on, and where to."""
        late = select(Task).where(
            Task.done_at.is_(None), Task.paused_at.is_(None), Task.due_at < now
        )
        if now.date() < self.last.date():
            late = late.where(Task.id.not_in(self.crowd.orphans))
        for task in db.scalars(late.order_by(Task.due_at, Task.id)):
            there = [one.user_id for one in org.holders(db, task.unit_id, task.role, now)]
            beside = select(Unit.id).where(
                Unit.parent_id == task.unit.parent_id,
                Unit.level == task.unit.level,
                Unit.id != task.unit_id,
            )
            for user_id in there if task.assignee_id is None else [task.assignee_id]:
                for unit_id in db.scalars(beside.order_by(Unit.code)):
                    yield task.id, user_id, unit_id

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
