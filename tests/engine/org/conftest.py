"""A small county: two townships, three villages, a grid, departments, centres, some people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from engine import org
from engine.models import Post, Unit, UnitChange, User
from engine.storage.db import db as database_object
from engine.storage.db import transaction
from tests.engine.org.county import County, make_county

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def with_settings(own_settings: None) -> None:
    """Every test has settings of its own."""


@pytest.fixture
def db(database: str) -> Iterator[Session]:
    """A write transaction on a clean database; what fails inside rolls back."""
    with transaction() as session:
        yield session


@pytest.fixture
def county(db: Session) -> County:
    """The small county, its people and their posts."""
    return make_county(db, NOW)


@pytest.fixture
def statements(db: Session) -> Callable[[], object]:
    """``with statements() as seen:`` collects the SQL that the block sends."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_conn: object, _cursor: object, sql: str, *_rest: object) -> None:
            seen.append(sql)

        db.flush()
        event.listen(database_object.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(database_object.engine, "before_cursor_execute", note)

    return counting


@pytest.fixture
def history(db: Session) -> Callable[[Unit], list[str]]:
    """Kinds of a unit's changes, oldest first."""

    def of(unit: Unit) -> list[str]:
        rows = select(UnitChange.kind).where(UnitChange.unit_id == unit.id)
        return list(db.scalars(rows.order_by(UnitChange.id)))

    return of


@pytest.fixture
def seat(db: Session) -> Callable[[Unit, str, User | None], Post]:
    """``seat(unit, role, user)`` makes a post; without a user it is vacant."""

    def of(unit: Unit, role: str, user: User | None = None) -> Post:
        return org.create_post(db, None, unit=unit, role=role, user=user, now=NOW)

    return of
