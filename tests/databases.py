"""A database for every test: made once a run, then copied, or cleaned after each test."""

from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from engine.storage import schema
from engine.storage.db import db
from tests import applications
from tests.baseline import Baseline

TEMPLATE = "fengqiao_template"


def bare_app(url: str) -> Flask:
    """The least that ``engine.storage.db`` needs: an application that knows its database."""
    app = Flask("fengqiao-tests")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    return app


class SqliteCopies:
    """Databases that are copies of one file."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.numbers = folder, itertools.count(1)
        self.template = folder / "template.db"
        self.resting: list[str] = []
        schema.upgrade(f"sqlite:///{self.template}")

    def fresh(self, like: str | None = None) -> str:
        """URL of a new database with the schema and no rows, or with those of ``like``."""
        path = self._path()
        shutil.copyfile(self._source(like), path)
        return f"sqlite:///{path}"

    def empty(self) -> str:
        """URL of a new database without any schema."""
        return f"sqlite:///{self._path()}"

    def drop(self, url: str) -> None:
        """Remove what ``fresh`` or ``empty`` made."""
        path = make_url(url).database or ""
        for suffix in ("", "-wal", "-shm"):
            Path(path + suffix).unlink(missing_ok=True)

    def lend(self, like: str | None = None) -> str:
        """The same as ``fresh``, of which nothing outlives the test but its URL."""
        url = self.resting.pop() if self.resting else self.empty()
        # A process that was killed in a test leaves a journal behind, which is not of the copy.
        self.drop(url)
        shutil.copyfile(self._source(like), make_url(url).database or "")
        return url

    def take_back(self, url: str) -> None:
        """Nobody uses it any more; connections that somebody forgot keep the old file."""
        applications.close(url)
        self.drop(url)
        self.resting.append(url)

    def _source(self, like: str | None) -> str | Path:
        return (make_url(like).database if like else None) or self.template

    def _path(self) -> Path:
        return self.folder / f"{next(self.numbers)}.db"


class PostgresCopies:
    """Databases that are copies of one template database on one server."""

    def __init__(self, server_url: str) -> None:
        self.server = make_url(server_url)
        self.numbers = itertools.count(1)
        self.baselines: dict[str, Baseline] = {}
        self.resting: dict[str, list[str]] = {}
        self.sources: dict[str, str] = {}
        # Own connections, not engine.storage.db's: CREATE DATABASE runs outside any transaction.
        self.engine = create_engine(self.server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        self._run(f"CREATE DATABASE {TEMPLATE}")
        schema.upgrade(self._url(TEMPLATE))

    def fresh(self, like: str | None = None) -> str:
        """URL of a new database with the schema and no rows, or with those of ``like``."""
        return self._copy(self._name(), like or self._url(TEMPLATE))

    def empty(self) -> str:
        """URL of a new database without any schema."""
        name = self._name()
        self._run(f"CREATE DATABASE {name} STRATEGY FILE_COPY")
        return self._url(name)

    def drop(self, url: str) -> None:
        """Remove what ``fresh`` or ``empty`` made, whoever is still connected."""
        self._run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def lend(self, like: str | None = None) -> str:
        """The same as ``fresh``, cleaned after the test instead of removed."""
        source = like or self._url(TEMPLATE)
        resting = self.resting.setdefault(source, [])
        url = resting.pop() if resting else self.fresh(source)
        if url not in self.baselines:
            self.baselines[url] = Baseline(self._dsn(url))
            self.sources[url] = source
        return url

    def take_back(self, url: str) -> None:
        """Nobody uses it any more: make it as it was, else throw it away and copy it again."""
        baseline, source = self.baselines[url], self.sources[url]
        self._drop_copies(url)
        applications.rest(url)
        if busy := baseline.busy():
            applications.close(url)
            for pid in busy:
                baseline.connection.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        if not baseline.restore():
            self._drop_lent(url)
            self._copy(make_url(url).database or "", source)
        self.resting[source].append(url)

    def _drop_copies(self, source: str) -> None:
        """Drop what was lent as a copy of a test's own database."""
        for url in self.resting.pop(source, ()):
            self._drop_lent(url)
            applications.forget(url)

    def _drop_lent(self, url: str) -> None:
        applications.close(url)
        self.baselines.pop(url).close()
        self.drop(url)

    def _copy(self, name: str, source: str) -> str:
        if source in self.baselines:
            self.baselines[source].close()
        origin = make_url(source).database
        self._run(f"CREATE DATABASE {name} TEMPLATE {origin} STRATEGY FILE_COPY")
        return self._url(name)

    def _name(self) -> str:
        return f"test_{os.getpid()}_{next(self.numbers)}"

    def _url(self, name: str) -> str:
        return self.server.set(database=name).render_as_string(hide_password=False)

    def _dsn(self, url: str) -> str:
        plain = make_url(url).set(drivername="postgresql")
        return plain.render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self.engine.connect() as connection:
            connection.execute(text(statement))
