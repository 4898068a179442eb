"""The product on a database of its own, filled as a real place is, with people logged in."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select

from bench import generator, pg
from bench.clients import SAME_ORIGIN, token_of
from engine import settings
from engine.definitions import versions
from engine.models import Case, Post, Task, Unit, User
from engine.settings import Settings
from engine.storage import schema
from engine.storage.db import db as database_object
from engine.storage.db import reading, transaction
from engine.timing import calendars
from webapp import create_app

ROOT = Path(__file__).resolve().parent.parent
# What a small server is given; durability as PostgreSQL ships it: fsync and full commits.
SERVER = ("shared_buffers=512MB", "max_wal_size=4GB", "jit=off")
COUNTIES = ("620725", "620702", "620722")
SEED = 1
# A generated person's password is every generated person's.
PASSWORD = generator.counties.PASSWORD


@dataclass
class Site:
    """The application and its people; ``dice`` picks whom and what is measured."""

    app: Flask
    url: str
    folder: Path
    dice: random.Random = field(default_factory=lambda: random.Random(SEED))
    clients: dict[int, FlaskClient] = field(default_factory=dict)

    @property
    def engine(self) -> Engine:
        """The application's connections to its database."""
        with self.app.app_context():
            return database_object.engine

    @property
    def environment(self) -> dict[str, str]:
        """What another process of the same site is started with."""
        given = {"DATA_DIR": str(self.folder), "DATABASE_URL": self.url, "LOG_LEVEL": "ERROR"}
        return {f"FENGQIAO_{name}": value for name, value in given.items()}

    def fill(self, number: int) -> dict[str, Any]:
        """Generate cases until there are ``number``; says how fast it went."""
        with self.app.app_context():
            with reading() as db:
                there = db.scalar(select(func.count()).select_from(Case)) or 0
            if there >= number:
                return {}
            return generator.generate(number - there, SEED + there, COUNTIES, now=datetime.now(UTC))

    def client(self, user_id: int) -> FlaskClient:
        """Somebody's browser, logged in as anybody logs in."""
        if user_id not in self.clients:
            with self.app.app_context(), reading() as db:
                login = db.get_one(User, user_id).login
            client = self.app.test_client()
            token = token_of(client.get("/login").text)
            fields = {"csrf_token": token, "login": login, "password": PASSWORD}
            answer = client.post("/login", data=fields, headers=SAME_ORIGIN)
            if answer.status_code != 303:
                raise RuntimeError(f"{login} could not log in: {answer.status_code}")
            self.clients[user_id] = client
        return self.clients[user_id]

    def workers(self, number: int) -> list[tuple[int, int, int]]:
        """Return people at work: user, and a task and case that wait for them. Busy ones come
        often.
        """
        with self.app.app_context(), reading() as db:
            ids = db.scalars(select(Task.id).where(Task.done_at.is_(None)).order_by(Task.id)).all()
            chosen = self.dice.sample(ids, min(len(ids), number))
            in_force = Post.until_at.is_(None) & Post.user_id.is_not(None)
            rows = db.execute(
                select(Task.id, Task.case_id, func.min(Post.user_id))
                .join(Post, (Post.unit_id == Task.unit_id) & (Post.role == Task.role) & in_force)
                .where(Task.id.in_(chosen))
                .group_by(Task.id, Task.case_id)
            )
            return [(user_id, task_id, case_id) for task_id, case_id, user_id in rows]

    def holders(self, *roles: str, level: str) -> list[int]:
        """Return everybody who holds one of the roles at a level."""
        with self.app.app_context(), reading() as db:
            wanted = (
                select(Post.user_id)
                .join(Unit, Unit.id == Post.unit_id)
                .where(Post.role.in_(roles), Unit.level == level, Post.user_id.is_not(None))
                .order_by(Post.id)
            )
            return list(dict.fromkeys(one for one in db.scalars(wanted) if one is not None))

    def numbers(self, number: int) -> list[str]:
        """Return numbers of cases, taken at random."""
        with self.app.app_context(), reading() as db:
            first, last = db.execute(select(func.min(Case.id), func.max(Case.id))).one()
            found: list[str] = []
            for _ in range(number):
                near = select(Case.number).where(Case.id >= self.dice.randint(first, last))
                found += db.scalars(near.order_by(Case.id).limit(1))
            return found


@contextmanager
def site(backend: str = "postgresql", options: Sequence[str] = SERVER) -> Iterator[Site]:
    """The product on a throw-away database, migrated and with what ships published."""
    with empty(backend, options) as here:
        with here.app.app_context(), transaction() as db:
            calendars.seed(db, generator.FIRST)
            for process, files in versions.read_directory(ROOT).items():
                versions.publish(db, process, files, now=generator.FIRST)
        yield here


@contextmanager
def empty(backend: str = "postgresql", options: Sequence[str] = SERVER) -> Iterator[Site]:
    """The same with nothing but the schema in it."""
    with tempfile.TemporaryDirectory(prefix="fengqiao-site-") as folder:
        if backend == "postgresql":
            with pg.server(*options) as url:
                yield from _opened(url, Path(folder))
        else:
            yield from _opened(f"sqlite:///{folder}/bench.db", Path(folder))


def _opened(url: str, folder: Path) -> Iterator[Site]:
    before = settings.current()
    here = Site(Flask(__name__), url, folder)
    schema.upgrade(url)
    here.app = create_app(Settings.from_environment(here.environment))
    try:
        yield here
        with here.app.app_context():
            database_object.engine.dispose()
    finally:
        settings.use(before)
