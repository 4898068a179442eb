"""What happens to a simulated county itself: leave, departures, moved units, emergencies."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bench.simulation.people import Crowd
from engine import org
from engine.access import actors
from engine.access.actors import Actor
from engine.errors import DomainError
from engine.models import Emergency, Post, Task, Unit, User
from engine.storage.db import transaction
from engine.timing import emergencies

# Per day: the share of people who go on leave, and how likely each of the rest is.
ON_LEAVE, DEPUTISED = 0.02, 0.3
LEAVES, FILLED, MOVED, EMERGENCY, RELIEVED = 0.4, 0.4, 0.15, 0.12, 0.5
# How often it is somebody for whom work waits that leaves.
WANTED = 0.9
# Nobody governs without these, and they change nothing here.
STAY = ("admin", "policy_editor", "policy_publisher", "leader")


@dataclass
class CountyLife:
    """One county; every event at a minute of its own, so that what came before is clear."""

    crowd: Crowd
    dice: random.Random
    happened: Counter[str] = field(default_factory=Counter)
    leave: bool = True

    def go_on(self, morning: datetime) -> None:
        """Run the events of one day, early in the morning."""
        events = (
            (float(self.leave), self._take_leave),
            (LEAVES, self._depart),
            (FILLED, self._fill),
            (MOVED, self._move),
            (EMERGENCY, self._alarm),
            (RELIEVED, self._relieve),
        )
        for minute, (chance, event) in enumerate(events, start=1):
            if self.dice.random() < chance:
                self._try(event, morning + timedelta(minutes=minute))

    def _try(self, event: Callable[[Session, datetime], bool], now: datetime) -> None:
        try:
            with transaction() as db:
                done = event(db, now)
        except DomainError:
            done = False
        self.happened[event.__name__.strip("_")] += done

    def _take_leave(self, db: Session, now: datetime) -> bool:
        posts = list(db.scalars(self._occupied_posts()))
        for post in self.dice.sample(posts, round(len(posts) * ON_LEAVE)):
            assert post.user_id is not None
            until = now + timedelta(days=self.dice.randint(1, 6))
            self.crowd.absent[post.user_id] = until
            if self.dice.random() < DEPUTISED:
                # Of the same role: whoever is watched does not stand in for who watches.
                equals = [one for one in posts if one.role == post.role]
                user = db.get_one(User, self.dice.choice(equals).user_id)
                org.create_deputy(
                    db, None, post=post, user=user, from_at=now, until_at=until, now=now
                )
        return True

    def _depart(self, db: Session, now: datetime) -> bool:
        """Somebody leaves, more often than not the only one for whom work waits."""
        posts = list(db.scalars(self._occupied_posts().where(Post.role.not_in(STAY))))
        waits = select(Task.unit_id, Task.role).where(Task.done_at.is_(None))
        queues = set(db.execute(waits).tuples())
        held = Counter((post.unit_id, post.role) for post in posts)
        asked = [
            post
            for post in posts
            if (post.unit_id, post.role) in queues and held[post.unit_id, post.role] == 1
        ]
        post = self.dice.choice(asked if asked and self.dice.random() < WANTED else posts)
        org.end_user(db, None, db.get_one(User, post.user_id), now=now)
        return True

    def _fill(self, db: Session, now: datetime) -> bool:
        vacant = select(Post).where(Post.user_id.is_(None), Post.until_at.is_(None))
        posts = list(db.scalars(vacant.order_by(Post.id)))
        if not posts:
            return False
        login = f"new{self.happened['fill']}.{now:%m%d}"
        user = org.create_user(db, None, login=login, name="新", password_hash="x", now=now)
        db.flush()
        org.fill_post(db, None, self.dice.choice(posts), user, now=now)
        return True

    def _move(self, db: Session, now: datetime) -> bool:
        """Move a village with its grids to another township."""
        of_level = select(Unit).where(Unit.kind == "area", Unit.ended_at.is_(None))
        villages = db.scalars(of_level.where(Unit.level == "village").order_by(Unit.code))
        towns = db.scalars(of_level.where(Unit.level == "township").order_by(Unit.code))
        village, town = self.dice.choice(list(villages)), self.dice.choice(list(towns))
        return org.move_unit(db, None, village, town, now=now) is not None

    def _alarm(self, db: Session, now: datetime) -> bool:
        emergencies.switch_on(
            db, self._leader(db, now), self.crowd.desk.county_id, factor=50, reason="防汛", now=now
        )
        return True

    def _relieve(self, db: Session, now: datetime) -> bool:
        if db.scalar(select(Emergency.id).where(Emergency.until_at.is_(None))) is None:
            return False
        county = self.crowd.desk.county_id
        emergencies.switch_off(db, self._leader(db, now), county, reason="解除", now=now)
        return True

    def _leader(self, db: Session, now: datetime) -> Actor:
        (leader, *_) = org.holders(db, self.crowd.desk.county_id, "leader", now)
        return actors.actor_of(db, leader.user_id, now)

    def _occupied_posts(self) -> Select[tuple[Post]]:
        held = select(Post).where(Post.user_id.is_not(None), Post.until_at.is_(None))
        return held.order_by(Post.id)
