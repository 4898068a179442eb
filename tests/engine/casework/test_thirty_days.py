"""Thirty days of a county with vacancies, absences, returns, moves and a jumping clock."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import org
from engine.casework import cases, moves
from engine.errors import DomainError
from engine.models import Case, Demand, Due, Event, Notice, Post, Task, Unit, User
from engine.operations import clock_guard, doctor
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.engine.casework.world import ACCEPT, DISPATCH, FRIDAY_9AM, HANDLE, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Posts that fall empty and are filled again, by whom they were held.
SEATS = (
    ("V1", "grid_leader", "grid_leader"),
    ("T1", "leader", "town_leader"),
    ("T1", "supervisor", "town_supervisor"),
    ("T1-ZZ", "dispatcher", "dispatcher"),
    ("620725", "supervisor", "county_supervisor"),
    ("620725-ZJJ", "leader", "department_leader"),
)
UPWARD = ("case.escalated", "case.supervised")


class Month:
    """One county, told by chance what happens; what fired is looked at as it fires."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.dice = world, random.Random(seed)
        self.seen: set[int] = set()
        self.rung = 0

    def act(self) -> None:
        """Something that people do; what is not allowed just now is left."""
        deed: Callable[[Session], object] = self.dice.choice(
            (self._open, self._sign, self._release, self._complete, self._return)
        )
        with suppress(DomainError), transaction() as db:
            deed(db)

    def act_open(self) -> None:
        """One more case."""
        with transaction() as db:
            self._open(db)

    def shift(self) -> None:
        """Somebody leaves a post, comes back, or lets somebody else stand in."""
        code, role, login = self.dice.choice(SEATS)
        with transaction() as db:
            post = db.scalars(
                select(Post)
                .join(Unit)
                .where(Unit.code == code, Post.role == role, Post.until_at.is_(None))
            ).one()
            user = db.get_one(User, self.world.logins[login])
            if post.user_id is None:
                org.fill_post(db, None, post, user, now=self.world.now)
            elif self.dice.random() < 0.7:
                org.vacate_post(db, None, post, now=self.world.now)
            elif code != "V1":
                other = db.get_one(User, self.world.logins["colleague"])
                end = self.world.now + 2 * DAY
                with suppress(DomainError):
                    org.create_deputy(
                        db,
                        None,
                        post=post,
                        user=other,
                        from_at=self.world.now,
                        until_at=end,
                        now=self.world.now,
                    )

    def work(self) -> None:
        """The worker comes by; whoever heard of something was above it."""
        if clock_guard.holds(self.world.now):
            with transaction() as db:
                clock_guard.confirm(db, self.world.logins["county_leader"], now=self.world.now)
        # Once more for what the first round armed or told.
        for _ in range(2):
            for name in ("deserted", "sweep", "outbox", "tallies"):
                assert "errors" not in ticks.tick(name, self.world.now)
        with reading() as db:
            self._look(db)

    def _look(self, db: Session) -> None:
        late = select(Event).where(Event.kind == "escalated").order_by(Event.case_id, Event.seq)
        for event in db.scalars(late):
            if event.id in self.seen:
                continue
            self.seen.add(event.id)
            data = json.loads(event.data)
            if "moot" in data or event.task_id is None:
                continue
            self.rung += 1
            task = db.get_one(Task, event.task_id)
            if task.done_at is None and data["act"] != "reassign":
                assert not set(data["reached"]) & self._late(db, task)
        now = self.world.now
        open_tasks = select(Task).where(Task.done_at.is_(None), Task.paused_at.is_(None))
        for task in db.scalars(open_tasks):
            limits = (task.sign_due_at if task.assignee_id is None else None, task.due_at)
            if any(limit is not None and limit <= now for limit in limits):
                coming = select(Due.id).where(
                    Due.task_id == task.id, Due.kind == "rung", Due.fire_at > now
                )
                assert db.scalars(coming).first() is not None

    def _late(self, db: Session, task: Task) -> set[int]:
        if task.assignee_id is not None:
            return {task.assignee_id}
        holders = org.holders(db, task.unit_id, task.role, self.world.now)
        return {one.user_id for one in holders}

    def _open(self, db: Session) -> None:
        world = self.world
        report = world.report(danger=self.dice.choice(("no", "no", "yes")), danger_note="当心")
        if report["danger"] == "no":
            report["danger_note"] = None
        cases.open_case(db, world.actor(db, "worker"), "ticket", report, now=world.now)

    def _any(self, db: Session) -> Task:
        tasks = db.scalars(select(Task).where(Task.done_at.is_(None)).order_by(Task.id)).all()
        return self.dice.choice(tasks)

    def _login(self, task: Task) -> str:
        return {
            "grid_leader": "grid_leader",
            "dispatcher": "dispatcher",
            "handler": "handler",
        }.get(task.role, "worker")

    def _sign(self, db: Session) -> None:
        task = self._any(db)
        actor = self.world.actor(db, self._login(task))
        cases.sign(db, actor, task.id, now=self.world.now)

    def _release(self, db: Session) -> None:
        task = self._any(db)
        actor = self.world.actor(db, self._login(task))
        cases.release(db, actor, task.id, now=self.world.now)

    def _complete(self, db: Session) -> None:
        task = self._any(db)
        answers = {"accept": ACCEPT, "dispatch": DISPATCH, "handle": HANDLE}.get(task.node_id, {})
        actor = self.world.actor(db, self._login(task))
        cases.complete_task(db, actor, task.id, answers, now=self.world.now)

    def _return(self, db: Session) -> None:
        task = self._any(db)
        actor = self.world.actor(db, "county_leader")
        moves.urge(db, actor, task.id, now=self.world.now)


@pytest.mark.parametrize("seed", [1, 7])
def test_nobody_is_left_alone_in_thirty_days(world: World, seed: int) -> None:
    month = Month(world, seed)
    for _ in range(4):
        month.act_open()
    for day in range(30):
        for hour in (0, 3, 7):
            world.now = FRIDAY_9AM + day * DAY + hour * HOUR
            month.act()
            if month.dice.random() < 0.3:
                month.shift()
            # Away for three days; and once by a clock that is months ahead.
            if day in (12, 13, 14):
                continue
            if day == 20:
                assert clock_guard.holds(world.now + 90 * DAY)
            month.work()
    assert month.rung > 30
    with reading() as db:
        assert not doctor.examine(db, world.now).findings
        _look_back(db)


def _look_back(db: Session) -> None:
    """Nobody heard twice of one rung, nobody judges a notice of their own."""
    fired: Counter[tuple[object, ...]] = Counter()
    for event in db.scalars(select(Event).where(Event.kind == "escalated")):
        data = json.loads(event.data)
        fired[event.case_id, event.task_id, data["rung"], data["since"], data["due"]] += 1
    assert fired and max(fired.values()) == 1
    heard: Counter[tuple[object, ...]] = Counter(
        (one.user_id, one.case_id, one.data["task"], f"{one.at:%Y%m%d%H}")
        for one in db.scalars(select(Notice).where(Notice.key.in_(UPWARD)))
    )
    assert heard and max(heard.values()) == 1
    for demand in db.scalars(select(Demand).where(Demand.rung.is_not(None))):
        assert org.stands_over(demand.issuer, demand.unit)
    assert db.scalars(select(Case.id)).all()
