"""Databases to measure on: a SQLite file and a PostgreSQL of our own, both safe on the disk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import make_url

from bench import pg
from engine import settings
from engine.settings import Settings
from engine.storage import schema
from engine.storage.db import db

SQLITE, POSTGRESQL = "sqlite", "postgresql"
BACKENDS = (SQLITE, POSTGRESQL)


def targets(backend: str | None = None) -> tuple[str, ...]:
    """Return what to measure on: as asked, else as FENGQIAO_DATABASE_URL says, else both."""
    given = os.environ.get("FENGQIAO_DATABASE_URL", "")
    if backend is None and given:
        backend = make_url(given).get_backend_name()
    return (backend,) if backend else BACKENDS


@contextmanager
def database(backend: str) -> Iterator[str]:
    """An empty database with the schema, in an application of its own; return its URL.

    A PostgreSQL named by FENGQIAO_DATABASE_URL is used as a server only: what is measured
    goes into a throw-away one, since a benchmark's cases belong in nobody's county.
    """
    with tempfile.TemporaryDirectory(prefix="fengqiao-bench-") as folder:
        if backend == POSTGRESQL:
            with pg.server() as url:
                yield from _opened(url, Path(folder))
        else:
            yield from _opened(f"sqlite:///{folder}/bench.db", Path(folder))


def _opened(url: str, folder: Path) -> Iterator[str]:
    before = settings.current()
    settings.use(Settings.from_environment({"FENGQIAO_DATA_DIR": str(folder)}))
    app = Flask("fengqiao-bench")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    try:
        with app.app_context():
            schema.upgrade(url)
            yield url
            db.engine.dispose()
    finally:
        settings.use(before)
