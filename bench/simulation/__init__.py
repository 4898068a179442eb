"""A county simulated day by day: `fengqiao simulate`.

People are slow, absent and leave, units move, emergencies come and go; two workers sweep, each
a process of its own, and are killed at random; now and then a clock jumps far ahead. Simulated
time is an argument, so that a month takes minutes. In the end every case must have exactly the
rungs that the escalation table and the calendar say, by a calculation that reads the table itself,
takes the holidays from a list of its own and walks along the calendar; each rung must have
reached, passed by and told whom it should; no queue may have been empty unseen; the figures must
hold every late hour of every unit that the chains tell; and the doctor must find nothing. That
all of this would be noticed is proven by mutants (``proof.py``).
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from bench import pg
from bench.databases import POSTGRESQL
from bench.generator.desk import GeneratorDesk
from bench.simulation import checking
from bench.simulation.crew import LET_LOOSE, Crew, Worker, environment
from bench.simulation.life import CountyLife
from bench.simulation.occasions import Occasions
from bench.simulation.people import Crowd, county_id
from bench.simulation.staff import Staff
from engine import settings
from engine.definitions import versions
from engine.errors import Refusal
from engine.intake import demo
from engine.models import Unit
from engine.settings import Settings
from engine.storage import schema
from engine.storage.db import db as database_object
from engine.storage.db import reading, transaction
from engine.timing import calendars
from feel.text import Text

# A Monday; a month from here holds the Mid-Autumn Festival, National Day and make-up days.
BEGINS = datetime(2026, 9, 13, 16, 0, tzinfo=UTC)
DEFINITIONS = Path(__file__).resolve().parents[2]
# When the workers look at the clock, in hours of the office's day: by day every half hour.
DAWN, NOON = 6.0, 12.5
STEPS = (3.0, DAWN, *(8 + step / 2 for step in range(22)), 21.0, 24.0)
# When all that life brings in a morning has happened.
LIVED = timedelta(minutes=10)
# How likely a worker is killed at such a step.
KILLED = 0.06
# How likely a worker's clock is far ahead on a day, and by how many days.
LEAPS, LEAP_DAYS = 0.15, (2, 400)
Progress = Callable[[int, int], None]


class DatabaseNotEmpty(Refusal):
    """A simulated county does not get into a database that holds another one."""

    text = Text(
        "模拟只能在空的数据库里进行。",
        "A county is simulated in an empty database only.",
    )


@dataclass
class SimulationOptions:
    """What to simulate."""

    days: int
    cases_per_day: int
    seed: int
    kill_rate: float = KILLED
    # The worker's part in this process, when it looks at the clock, how much people move about.
    in_house: bool = False
    steps: tuple[float, ...] = STEPS
    restless: int = 1
    sloth: float = 1.0
    # Whether people go on leave.
    leave: bool = True
    # Whether what shows a fault only now and then happens for certain.
    certain: bool = False
    begins: datetime = BEGINS
    progress: Progress | None = field(default=None)


# What is simulated if nothing else is asked for.
USUAL = SimulationOptions(days=30, cases_per_day=60, seed=1)


def simulate(told: SimulationOptions, backend: str | None = None) -> dict[str, Any]:
    """Simulate, then check everything; the document says ``ok`` if nothing is off.

    In a throw-away database, or in the one that FENGQIAO_DATABASE_URL names. Raises NotEmpty.
    """
    with _database(backend) as (url, folder):
        prepare_county(told.begins)
        return lived(told, url, folder)


def lived(told: SimulationOptions, url: str, folder: Path) -> dict[str, Any]:
    """Simulate in a furnished database, then check everything."""
    began = time.monotonic()
    simulation = _Simulation(told, url, folder)
    try:
        end = simulation.run()
    finally:
        simulation.crew.dismiss()
    found = checking.examine(end, simulation.staff, told.begins - timedelta(days=1))
    if loose := simulation.crew.done[LET_LOOSE]:
        words = f"{loose} ticks ran by a clock that was days ahead"
        found["off"].append({"what": "leap", "words": words})
    failures = simulation.crew.failures
    return {
        **found,
        "ok": found["ok"] and failures == 0,
        "kills": simulation.crew.kills,
        "leaps": simulation.crew.done["leaps"],
        "failures": failures,
        "days": told.days,
        "seed": told.seed,
        "backend": database_object.engine.dialect.name,
        "happened": dict(simulation.life.happened + simulation.occasions.happened),
        "done": dict(simulation.crowd.done),
        "seconds": round(time.monotonic() - began, 1),
    }


class _Simulation:
    """The county, its people and its workers; one die decides everything but who is faster."""

    def __init__(self, told: SimulationOptions, url: str, folder: Path) -> None:
        self.told, self.dice = told, random.Random(told.seed)
        self.crew: Crew | Worker = Worker()
        if not told.in_house:
            self.crew = Crew(environment(url, folder), random.Random(f"{told.seed}:crew"))
        self.crowd = Crowd(
            GeneratorDesk(county_id()), self.dice, restless=told.restless, sloth=told.sloth
        )
        self.staff = Staff()
        self.leaps = random.Random(f"{told.seed}:leaps")
        self._take_down(told.begins - timedelta(days=1))
        self.life = CountyLife(self.crowd, random.Random(f"{told.seed}:life"), leave=told.leave)
        self.occasions = Occasions(self.crowd, told.begins + timedelta(days=told.days - 1))

    def run(self) -> datetime:
        """Day after day; return when the last worker worked."""
        for day in range(self.told.days):
            self._day(self.told.begins + timedelta(days=day))
            if self.crew.done[LET_LOOSE]:
                # What comes of it is of no interest any more.
                return self.told.begins + timedelta(days=day + 1)
            if self.told.progress is not None:
                self.told.progress(day + 1, self.told.days)
        end = self.told.begins + timedelta(days=self.told.days)
        self.crew.finish(end)
        return end

    def _day(self, midnight: datetime) -> None:
        reports = sorted(
            midnight + timedelta(minutes=self.dice.randrange(8 * 60, 21 * 60))
            for _ in range(self.told.cases_per_day)
        )
        for step in self.told.steps:
            now = midnight + timedelta(hours=step)
            while reports and reports[0] <= now:
                self.crowd.act(reports[0])
                self.crowd.open(reports.pop(0))
            self.crowd.act(now)
            killed = self.dice.random() < self.told.kill_rate
            self.crew.work(now, seldom=step == self.told.steps[-1], kill=killed)
            self.crowd.look_around(now)
            if step == NOON and self._leaps(midnight):
                self.crew.leap(now + timedelta(days=self.leaps.randint(*LEAP_DAYS)))
                if self.crew.done[LET_LOOSE]:
                    return
            if step == DAWN:
                self.life.go_on(now)
                if self.told.certain:
                    self.occasions.go_on(now)
                self._take_down(now + LIVED)

    def _leaps(self, midnight: datetime) -> bool:
        """Return whether a clock is far ahead on a day: by chance, or for certain in the middle."""
        middle = self.told.begins + timedelta(days=self.told.days // 2)
        return self.leaps.random() < LEAPS or (self.told.certain and midnight == middle)

    def _take_down(self, now: datetime) -> None:
        """Who sits where: the reference looks at nothing else."""
        with reading() as db:
            self.staff.take(db, now)


@contextmanager
def _database(backend: str | None) -> Iterator[tuple[str, Path]]:
    """A throw-away database with its files and secrets, or the one that was named."""
    given = os.environ.get("FENGQIAO_DATABASE_URL", "")
    with tempfile.TemporaryDirectory(prefix="fengqiao-simulation-") as name:
        folder = Path(name)
        if given and backend is None:
            with opened(given, folder):
                yield given, folder
        elif backend == POSTGRESQL:
            with pg.server(*pg.CARELESS) as url, opened(url, folder):
                yield url, folder
        else:
            url = f"sqlite:///{folder}/simulation.db"
            with opened(url, folder):
                yield url, folder


@contextmanager
def opened(url: str, folder: Path) -> Iterator[None]:
    """The simulation's settings and database, made if it is not there."""
    before = settings.current()
    told = {"FENGQIAO_DATA_DIR": str(folder), "FENGQIAO_DATABASE_URL": url}
    settings.use(Settings.from_environment(told))
    app = Flask("fengqiao-simulation")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    database_object.init_app(app)
    try:
        with app.app_context():
            schema.upgrade(url)
            yield
            database_object.engine.dispose()
    finally:
        settings.use(before)


def prepare_county(begins: datetime = BEGINS) -> None:
    """The demo county with the shipped processes, a day before it begins."""
    before = begins - timedelta(days=1)
    with transaction() as db:
        if db.scalar(select(Unit.id).limit(1)) is not None:
            raise DatabaseNotEmpty()
        calendars.seed(db, before)
        for process, files in versions.read_directory(DEFINITIONS).items():
            versions.publish(db, process, files, now=before)
        demo.load(db, before)
