"""What people of a simulated county do at their desks: slow, forgetful, sometimes not there."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.generator import answers
from bench.generator.desk import GeneratorDesk
from bench.generator.plan import SHARES
from bench.generator.scratch import OPENERS
from engine import org, settings
from engine.access import actors
from engine.access.actors import Actor
from engine.casework import cases, moves
from engine.casework.moves.move_limits import REASONS
from engine.definitions import versions
from engine.definitions.versions import PublishedVersion
from engine.errors import DomainError
from engine.intake.demo.places import COUNTY
from engine.models import Case, CaseState, Extension, Post, Task, Unit
from engine.storage.db import reading, transaction
from forms import InvalidAnswers

# Hours until somebody looks at a task: lognormal, so that most is quick and some is very late.
UNTIL_SIGNED, UNTIL_DONE = 1.5, 6.0
REFUSED = (DomainError, InvalidAnswers, answers.UnfillableForm)
REOPENED = 0.03
Use = Callable[..., None]


@dataclass
class Crowd:
    """Everybody at work: who looks at which task when, and what they then do."""

    desk: GeneratorDesk
    dice: random.Random
    absent: dict[int, datetime] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    # (when, a number that settles ties, task, the case where it is one that was closed)
    agenda: list[tuple[datetime, int, int, int]] = field(default_factory=list)
    task_ids: set[int] = field(default_factory=set)
    number: int = 0
    # Tasks that nobody looks at any more.
    orphans: set[int] = field(default_factory=set)
    # How much more often than usual a task is moved about instead of done.
    restless: int = 1
    # How much slower than usual everybody is.
    sloth: float = 1.0

    def look_around(self, now: datetime) -> None:
        """Notice the tasks that have opened since the last time."""
        with reading() as db:
            found = list(db.scalars(select(Task.id).where(Task.done_at.is_(None))))
        for task_id in found:
            if task_id not in self.task_ids:
                self._plan(now, UNTIL_SIGNED, task_id)
        self.task_ids = set(found)

    def act(self, until: datetime) -> None:
        """Run everybody's actions until then, one after the other."""
        while self.agenda and self.agenda[0][0] <= until:
            now, _number, task_id, closed = heapq.heappop(self.agenda)
            if closed:
                self._try("reopen", partial(self._reopen, closed, now))
            else:
                self._try("look", partial(self._look, task_id, now))

    def open(self, now: datetime) -> None:
        """Somebody reports something."""
        process = self.dice.choices(list(SHARES), list(SHARES.values()))[0]
        self._try(f"open {process}", partial(self._open, process, now))

    def here(self, user_id: int, now: datetime) -> bool:
        """Return whether somebody is at work, and not on leave or ill."""
        return self.absent.get(user_id, now) <= now

    def _open(self, process: str, now: datetime) -> None:
        slot, role, level = self.dice.choice(OPENERS[process])
        with transaction() as db:
            seats = [seat for seat in self._seats(db, slot, role) if self.here(seat[1], now)]
            unit, user_id = self.dice.choice(seats)
            place = self._place(db, unit, level)
            published = versions.current(db, process, now)
            actor = actors.actor_of(db, user_id, now)
            form = published.form(published.opens.form)
            given = self.desk.fill(db, actor, form, self.dice, place=place, now=now)
            cases.open_case(db, actor, process, given, now=now)

    def _seats(self, db: Session, slot: str, role: str) -> list[tuple[Unit, int]]:
        """Return who may open such a case: posts of that role, in offices of that kind."""
        query = (
            select(Unit, Post.user_id)
            .join(Post, Post.unit_id == Unit.id)
            .where(
                Post.role == role,
                Post.until_at.is_(None),
                Post.user_id.is_not(None),
                Unit.ended_at.is_(None),
            )
        )
        level = "township" if slot.startswith("town") else slot.partition("-")[0]
        rows = db.execute(query.where(Unit.level == level)).tuples()
        return [(unit, user) for unit, user in rows if user is not None]

    def _place(self, db: Session, unit: Unit, level: str) -> str:
        if unit.level == level and unit.kind == "area":
            return unit.code
        below = Unit.level == level, Unit.kind == "area", Unit.ended_at.is_(None)
        area = select(Unit.code).where(*below)
        if unit.level == "township":
            area = area.where(Unit.at_township == unit.at_township)
        elif unit.level == "village":
            area = area.where(Unit.id == unit.at_village)
        return self.dice.choice(sorted(db.scalars(area)))

    def _look(self, task_id: int, now: datetime) -> None:
        """Somebody opens the task, if anybody is there; a few put it off for days."""
        with transaction() as db:
            task = db.get_one(Task, task_id)
            if task.done_at is not None or task_id in self.orphans:
                return
            actor = self._actor(db, task, now)
            if actor is None or self.dice.random() < 0.06:
                self._plan(now, 30.0, task_id)
                return
            self._plan(now, UNTIL_DONE, task_id)
            published = versions.load(db, db.get_one(Case, task.case_id).version_id)
            self._do(db, actor, task, published, now)
            case = db.get_one(Case, task.case_id)
            if case.closed_at is not None and self.dice.random() < REOPENED:
                self._plan(now, 40.0, 0, case.id)

    def _do(
        self, db: Session, actor: Actor, task: Task, published: PublishedVersion, now: datetime
    ) -> None:
        chance = self.dice.random()
        use: Use = _nothing
        if task.assignee_id is None and chance > 0.15:
            use = self._give_away if chance > 0.97 else self._sign
        elif task.paused_at is not None:
            use = self._resume if chance < 0.4 else _nothing
        else:
            use = next((use for share, use in self._ways() if chance < share), self._complete)
        use(db, actor, task, published, now)

    def _ways(self) -> list[tuple[float, Use]]:
        """Return what else may be done with a task than to complete it, by chance."""
        ways = [
            (0.04, self._suspend),
            (0.07, self._ask_for_time),
            (0.10, self._give_away),
            (0.12, self._release),
            (0.15, self._return),
            (0.17, self._reclassify),
        ]
        return [(share * self.restless, use) for share, use in ways]

    def _sign(self, db: Session, actor: Actor, task: Task, _version: Any, now: datetime) -> None:
        cases.sign(db, actor, task.id, now=now)

    def _resume(self, db: Session, actor: Actor, task: Task, _version: Any, now: datetime) -> None:
        moves.resume(db, actor, task.id, now=now)

    def _release(self, db: Session, actor: Actor, task: Task, _version: Any, now: datetime) -> None:
        cases.release(db, actor, task.id, now=now)

    def _suspend(self, db: Session, actor: Actor, task: Task, _version: Any, now: datetime) -> None:
        reason = self.dice.choice(sorted(REASONS))
        moves.suspend(db, actor, task.id, reason, "等待材料。", now=now)

    def _ask_for_time(
        self, db: Session, actor: Actor, task: Task, _version: Any, now: datetime
    ) -> None:
        """Asked for, or decided by the leader where somebody has asked."""
        asked = select(Extension.id).where(
            Extension.task_id == task.id, Extension.decided_at.is_(None)
        )
        if db.scalar(asked) is None:
            moves.ask_extension(db, actor, task.id, 1, "情况复杂。", now=now)
            return
        leader = self._above(db, task.unit_id, now)
        if leader is not None:
            granted = self.dice.random() < 0.7
            moves.decide_extension(db, leader, task.id, granted, "已核实。", now=now)

    def _give_away(
        self, db: Session, actor: Actor, task: Task, _version: Any, now: datetime
    ) -> None:
        """To a unit beside one's own, or to a colleague."""
        unit = db.get_one(Unit, task.unit_id)
        beside = select(Unit.id).where(
            Unit.parent_id == unit.parent_id, Unit.kind == unit.kind, Unit.level == unit.level
        )
        target = self.dice.choice(sorted(db.scalars(beside)))
        moves.transfer(db, actor, task.id, target, "属该单位职责。", now=now)

    def _return(
        self, db: Session, actor: Actor, task: Task, published: PublishedVersion, now: datetime
    ) -> None:
        node = published.node(task.node_id)
        if node is not None and node.return_to:
            cases.return_task(db, actor, task.id, node.return_to[0], "材料不全。", now=now)

    def _reclassify(
        self, db: Session, _actor: Actor, task: Task, _version: Any, now: datetime
    ) -> None:
        leader = self._above(db, self.desk.county_id, now)
        if leader is not None:
            said = {"priority": self.dice.choice(("紧急", "重要", "一般"))}
            moves.reclassify(db, leader, task.case_id, said, "情况有变。", now=now)

    def _complete(
        self, db: Session, actor: Actor, task: Task, published: PublishedVersion, now: datetime
    ) -> None:
        place = db.get_one(Unit, db.get_one(Case, task.case_id).place_id).code
        form = published.form(task.form)
        given = self.desk.fill(db, actor, form, self.dice, place=place, now=now)
        cases.complete_task(db, actor, task.id, given, now=now)

    def _reopen(self, case_id: int, now: datetime) -> None:
        with transaction() as db:
            leader = self._above(db, self.desk.county_id, now)
            passed = db.get_one(CaseState, case_id).passed
            if leader is not None and passed:
                target = self.dice.choice(passed)
                moves.reopen(db, leader, case_id, target, "没有解决。", now=now)

    def _actor(self, db: Session, task: Task, now: datetime) -> Actor | None:
        if task.assignee_id is not None:
            there = self.here(task.assignee_id, now)
            return actors.actor_of(db, task.assignee_id, now) if there else None
        return self._one_of(db, task.unit_id, task.role, now)

    def _above(self, db: Session, unit_id: int, now: datetime) -> Actor | None:
        """Return the leader of a unit, or else of the county."""
        own = self._one_of(db, unit_id, "leader", now)
        return own or self._one_of(db, self.desk.county_id, "leader", now)

    def _one_of(self, db: Session, unit_id: int, role: str, now: datetime) -> Actor | None:
        held = org.holders(db, unit_id, role, now)
        there = sorted({one.user_id for one in held if self.here(one.user_id, now)})
        return actors.actor_of(db, self.dice.choice(there), now) if there else None

    def _try(self, name: str, act: Callable[[], None]) -> None:
        try:
            act()
        except REFUSED as error:
            self.done[f"refused {type(error).__name__}"] += 1
        else:
            self.done[name] += 1

    def _plan(self, now: datetime, hours: float, task_id: int, case_id: int = 0) -> None:
        """Somebody comes to it after a while, on a whole minute, mostly by day."""
        at = now + timedelta(hours=self.dice.lognormvariate(0, 1.1) * hours * self.sloth)
        local = at.astimezone(ZoneInfo(settings.current().timezone))
        if not 8 <= local.hour < 19:
            at = local.replace(hour=8) + timedelta(
                days=local.hour >= 19, minutes=self.dice.randrange(300)
            )
        self.number += 1
        minute = at.replace(second=0, microsecond=0) + timedelta(minutes=1)
        heapq.heappush(self.agenda, (minute, self.number, task_id, case_id))


def _nothing(*_ignored: Any) -> None:
    """To leave it as it is."""


def county_id() -> int:
    """Return the demo county."""
    with reading() as db:
        return db.scalars(select(Unit.id).where(Unit.code == COUNTY)).one()
