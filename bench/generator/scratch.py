"""A scratch database on which cases are played for real: people, forms, clocks, the worker.

What a real case leaves behind there becomes a template (``bench.generator.templates``); nothing
of how cases work is written a second time here.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import delete, event, insert, select, update

from bench.generator import answers
from bench.generator.counties import slots
from bench.generator.desk import GeneratorDesk, snapshot
from engine import org, settings
from engine.access import actors
from engine.access.actors import Actor
from engine.casework import cases
from engine.casework.moves import pauses
from engine.definitions import versions
from engine.errors import DomainError
from engine.intake import demo
from engine.intake.demo.people import DEPUTY
from engine.intake.demo.places import COUNTY
from engine.models import (
    CalendarDay,
    Case,
    Deputy,
    Due,
    Outbox,
    Post,
    Setting,
    StepDelta,
    TallyDelta,
    Task,
    Unit,
    User,
)
from engine.records.anchoring import WRITTEN
from engine.records.audit import ADMIN_TAIL
from engine.records.witnesses import TOLD
from engine.storage import schema
from engine.storage.db import db as database_object
from engine.storage.db import reading, transaction
from engine.worker import ticks

GRID = "62072510120501"
SLOTS = slots(COUNTY, GRID)
# Who opens the cases of a process, and what its place is.
OPENERS = {
    "ticket": (("grid", "grid_worker", "grid"),),
    "hotline": (("county-12345", "operator", "village"),),
    "dispute": (("village-TW", "mediator", "village"), ("town-TW", "mediator", "village")),
    "centre": (("county-ZZ", "dispatcher", "village"),),
}
LONGEST = 60
# How much sooner people act in a play that has only the last days.
BRISK = 0.1
# The id of a unit, and a role in it.
Seat = tuple[int, str]
OPENS, CLOSES = 8, 18


@dataclass(frozen=True)
class ScratchSource:
    """What the scratch database takes from the one that is filled: definitions and calendar."""

    files: dict[str, dict[str, bytes]]
    days: list[dict[str, Any]]
    settings: list[dict[str, Any]]

    @classmethod
    def read(cls, now: datetime) -> ScratchSource:
        """Read it from the database in use."""
        with reading() as db:
            current = {one.process: one.id for one in versions.currents(db, now)}
            table = db.scalar(select(versions.table_in_force(now)))
            assert table is not None
            ids = {**current, versions.ESCALATION: table}
            files = {key: versions.files_of(db, version_id) for key, version_id in ids.items()}
            # What is noted of the other database's own chain and anchors stays there.
            kept = Setting.key.not_in((demo.SETTING, ADMIN_TAIL, WRITTEN, TOLD))
            return cls(
                files,
                [dict(row._mapping) for row in db.execute(select(*CalendarDay.__table__.c))],
                [
                    dict(row._mapping)
                    for row in db.execute(select(*Setting.__table__.c).where(kept))
                ],
            )


@contextmanager
def stage(source: ScratchSource, since: datetime) -> Iterator[ScratchPlayer]:
    """The demo county in a scratch database, with the secrets of the real one."""
    before = settings.current()
    with tempfile.TemporaryDirectory(prefix="fengqiao-stage-") as folder:
        url = f"sqlite:///{folder}/stage.db"
        settings.use(replace(before, data_dir=Path(folder), database_url=url, mode="demo"))
        app = Flask("fengqiao-stage")
        app.config["SQLALCHEMY_DATABASE_URI"] = url
        database_object.init_app(app)
        try:
            with app.app_context():
                event.listen(database_object.engine, "connect", _carelessly)
                schema.upgrade(url)
                _prepare(source, since)
                yield ScratchPlayer(Path(folder))
                database_object.engine.dispose()
        finally:
            settings.use(before)


def _carelessly(connection: Any, _record: Any) -> None:
    """Nobody will miss this file: nothing needs to reach the disk."""
    connection.execute("PRAGMA synchronous=OFF")


def _prepare(source: ScratchSource, since: datetime) -> None:
    with transaction() as db:
        for process, files in source.files.items():
            versions.publish(db, process, files, now=since)
        db.execute(delete(CalendarDay))
        if source.days:
            db.execute(insert(CalendarDay), source.days)
        if source.settings:
            db.execute(insert(Setting), source.settings)
        demo.load(db, since)
        # The one town with a second handler: other towns have nobody to stand for the deputy.
        deputy = select(User.id).where(User.login == DEPUTY[0]).scalar_subquery()
        db.execute(delete(Deputy))
        db.execute(delete(Post).where(Post.user_id == deputy))


@dataclass
class ScratchPlayer:
    """Plays cases one after the other; each has the worker and the clock to itself."""

    folder: Path
    photo: bytes = b""
    units: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.photo = snapshot()
        with reading() as db:
            self.units = dict(db.execute(select(Unit.code, Unit.id)).tuples().all())

    def play(self, process: str, dice: random.Random, at: datetime, until: datetime) -> int | None:
        """Play one case from ``at`` up to its end or ``until``; None where nobody could go on."""
        play = self._begin(process, dice, at, until)
        try:
            play.open()
            for _ in range(LONGEST):
                if not play.act():
                    break
        except (DomainError, answers.UnfillableForm):
            return None
        return play.case_id

    def play_to(
        self, process: str, dice: random.Random, at: datetime, until: datetime, desks: set[Seat]
    ) -> tuple[int, Seat] | None:
        """Play one case briskly to the first of ``desks`` that it comes by, where it then waits.

        Gives the case and the desk; None where it came by none, or was taken from there.
        """
        play = self._begin(process, dice, at, until)
        play.pace = BRISK
        try:
            play.open()
            for _ in range(LONGEST):
                desk = play.desk(desks)
                if desk is not None:
                    play.rest(signed=dice.random() < 0.5)
                    return (play.case_id, desk) if play.desk({desk}) else None
                if not play.act():
                    return None
        except (DomainError, answers.UnfillableForm):
            return None
        return None

    def _begin(self, process: str, dice: random.Random, at: datetime, until: datetime) -> _Play:
        with transaction() as db:
            # The worker is this play's alone, and what is counted from here on is, too.
            for left in (TallyDelta, StepDelta, Due):
                db.execute(delete(left))
            db.execute(update(Outbox).where(Outbox.sent_at.is_(None)).values(dead_at=at))
        return _Play(self, process, dice, at, until)

    def slots(self) -> list[str]:
        """Return every unit that a played case may meet, by what it is to the case's place."""
        offices = (code for code in self.units if code.startswith(f"{COUNTY}-"))
        return [*SLOTS, *sorted(f"county{code.removeprefix(COUNTY)}" for code in offices)]

    def unit(self, slot: str) -> int:
        """Return the scratch county's unit of a slot."""
        code = SLOTS.get(slot) or f"{COUNTY}{slot.removeprefix('county')}"
        return self.units[code]


class _Play:
    """One case on its way."""

    def __init__(
        self, stage: ScratchPlayer, process: str, dice: random.Random, at: datetime, until: datetime
    ) -> None:
        self.stage, self.process, self.dice = stage, process, dice
        self.now, self.until, self.case_id, self.pace = at, until, 0, 1.0

    def open(self) -> None:
        """Fill in the first form."""
        slot, role, place = self.dice.choice(OPENERS[self.process])
        self.place = SLOTS[place]
        with transaction() as db:
            published = versions.current(db, self.process, self.now)
            actor = self._holder(db, self.stage.unit(slot), role)
            assert actor is not None
            given = self._fill(db, actor, published.form(published.opens.form))
            case = cases.open_case(db, actor, self.process, given, now=self.now)
            self.case_id = case.id
        self._send()

    def act(self) -> bool:
        """Advance time until somebody acts; return False at the end of the play."""
        task = self._next_task()
        if task is None and not self._wait_for_timer():
            return False
        if task is None:
            return True
        signed = task.assignee_id is not None
        if not self._pass(self._later(6.0 if signed else 1.2)):
            return False
        with reading() as db:
            still = db.get_one(Task, task.id)
        if still.done_at is None:
            self._do(still)
            self._send()
        return True

    def desk(self, desks: set[Seat]) -> Seat | None:
        """Return the one of ``desks`` at which the case waits now."""
        with reading() as db:
            mine = select(Task.unit_id, Task.role).where(
                Task.case_id == self.case_id, Task.done_at.is_(None)
            )
            return next((one for one in db.execute(mine).tuples() if one in desks), None)

    def rest(self, *, signed: bool) -> None:
        """Leave the case waiting until the end of the play, signed for or in the queue."""
        task = self._next_task()
        if signed and task is not None and task.assignee_id is None:
            with transaction() as db:
                actor = self._holder(db, task.unit_id, task.role)
                if actor is not None:
                    cases.sign(db, actor, task.id, now=self.now)
        self._pass(self.until)
        self._send()

    def _do(self, task: Task) -> None:
        with transaction() as db:
            actor = self._actor(db, task)
            if actor is None:
                return
            if task.assignee_id is None:
                cases.sign(db, actor, task.id, now=self.now)
                return
            if task.paused_at is not None:
                pauses.resume(db, actor, task.id, now=self.now)
                return
            published = versions.load(db, db.get_one(Case, self.case_id).version_id)
            chance, node = self.dice.random(), published.node(task.node_id)
            if chance < 0.02 and node is not None and node.return_to:
                cases.return_task(db, actor, task.id, node.return_to[0], "材料不全。", now=self.now)
            elif chance > 0.97 and task.due_at is not None and task.due_at > self.now:
                pauses.suspend(db, actor, task.id, "evidence", "等待鉴定意见。", now=self.now)
            else:
                given = self._fill(db, actor, published.form(task.form))
                cases.complete_task(db, actor, task.id, given, now=self.now)

    def _actor(self, db: Any, task: Task) -> Actor | None:
        if task.assignee_id is not None:
            return actors.actor_of(db, task.assignee_id, self.now)
        return self._holder(db, task.unit_id, task.role)

    def _holder(self, db: Any, unit_id: int, role: str) -> Actor | None:
        held = org.holders(db, unit_id, role, self.now)
        own = [one for one in held if one.deputy_for is None]
        return actors.actor_of(db, self.dice.choice(own).user_id, self.now) if own else None

    def _fill(self, db: Any, actor: Actor, form: Any) -> dict[str, Any]:
        desk = GeneratorDesk(self.stage.units[COUNTY], self.stage.photo)
        return desk.fill(db, actor, form, self.dice, place=self.place, now=self.now)

    def _next_task(self) -> Task | None:
        with reading() as db:
            mine = select(Task).where(Task.case_id == self.case_id, Task.done_at.is_(None))
            found = list(db.scalars(mine.order_by(Task.id)))
        return self.dice.choice(found) if found else None

    def _wait_for_timer(self) -> bool:
        with reading() as db:
            next_at = db.scalar(
                select(Due.fire_at)
                .where(Due.case_id == self.case_id, Due.kind == "timer")
                .order_by(Due.fire_at)
                .limit(1)
            )
        return next_at is not None and self._pass(next_at + timedelta(seconds=3))

    def _later(self, hours: float) -> datetime:
        """After a lognormal while, in office hours: most soon, some very late."""
        at = self.now + timedelta(hours=self.dice.lognormvariate(0, 1.3) * hours * self.pace)
        local = at.astimezone(ZoneInfo(settings.current().timezone))
        while local.weekday() > 4 or not OPENS <= local.hour < CLOSES:
            day = local if local.hour < OPENS and local.weekday() < 5 else local + timedelta(days=1)
            minute = self.dice.randrange(60)
            local = day.replace(hour=OPENS + self.dice.randrange(3), minute=minute)
        return local

    def _pass(self, at: datetime) -> bool:
        """Fire everything due until ``at``; return False if that is after the play's end."""
        end = min(at, self.until)
        while True:
            with reading() as db:
                next_at = db.scalar(
                    select(Due.fire_at)
                    .where(Due.case_id == self.case_id, Due.fire_at <= end)
                    .order_by(Due.fire_at)
                    .limit(1)
                )
            if next_at is None:
                break
            self.now = max(self.now, next_at)
            _whole(ticks.sweep(self.now))
            self._send()
        self.now = max(self.now, end)
        return at <= self.until

    def _send(self) -> None:
        _whole(ticks.deliver(self.now))


def _whole(report: ticks.Report) -> None:
    """A moment that fails would be copied into thousands of cases."""
    if report["failed"]:
        raise RuntimeError(f"the worker failed while a case was played: {report}")
