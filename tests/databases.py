"""A clean database for every test: the schema is made once a run and copied from then on."""

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
        schema.upgrade(f"sqlite:///{self.template}")

    def fresh(self, like: str | None = None) -> str:
        """URL of a new database with the schema and no rows, or with those of ``like``."""
        source = make_url(like).database if like else self.template
        path = self.folder / f"{next(self.numbers)}.db"
        shutil.copyfile(source or "", path)
        return f"sqlite:///{path}"

    def empty(self) -> str:
        """URL of a new database without any schema."""
        return f"sqlite:///{self.folder / f'{next(self.numbers)}.db'}"

    def drop(self, url: str) -> None:
        """Remove what ``fresh`` or ``empty`` made."""
        path = make_url(url).database or ""
        for suffix in ("", "-wal", "-shm"):
            Path(path + suffix).unlink(missing_ok=True)


class PostgresCopies:
    """Databases that are copies of one template database on one server."""

    def __init__(self, server_url: str) -> None:
        self.server = make_url(server_url)
        self.numbers = itertools.count(1)
        # Own connections, not engine.storage.db's: CREATE DATABASE runs outside any transaction.
        self.engine = create_engine(self.server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        self._run(f"CREATE DATABASE {TEMPLATE}")
        schema.upgrade(self._url(TEMPLATE))

    def fresh(self, like: str | None = None) -> str:
        """URL of a new database with the schema and no rows, or with those of ``like``."""
        source = make_url(like).database if like else TEMPLATE
        name = f"test_{os.getpid()}_{next(self.numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY FILE_COPY")
        return self._url(name)

    def empty(self) -> str:
        """URL of a new database without any schema."""
        name = f"test_{os.getpid()}_{next(self.numbers)}"
        self._run(f"CREATE DATABASE {name} STRATEGY FILE_COPY")
        return self._url(name)

    def drop(self, url: str) -> None:
        """Remove what ``fresh`` or ``empty`` made, whoever is still connected."""
        self._run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def _url(self, name: str) -> str:
        return self.server.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self.engine.connect() as connection:
            connection.execute(text(statement))
