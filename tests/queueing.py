"""Waiting for somebody to wait: how a test knows that another thread stands at a lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import create_engine, event, text

from engine.storage.db import db

PATIENCE = 60
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@contextmanager
def queue() -> Iterator[Callable[[], None]]:
    """Gives a function that returns when another thread waits for this one's transaction."""
    me, asked = threading.get_ident(), threading.Event()

    def note(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        if sql == "BEGIN IMMEDIATE" and threading.get_ident() != me:
            asked.set()

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield _at_a_lock if engine.dialect.name == "postgresql" else lambda: _begun(asked)
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _begun(asked: threading.Event) -> None:
    """SQLite has one writer: who begins while another writes, waits."""
    assert asked.wait(PATIENCE), "nobody asked to write"


def _at_a_lock() -> None:
    pause = threading.Event()
    engine = create_engine(db.engine.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for _ in range(PATIENCE * 100):
            if connection.execute(WAITING).scalar_one():
                break
            pause.wait(0.01)
        else:
            raise AssertionError("nobody waits for a lock")
    engine.dispose()
