"""Reads: what PostgreSQL has prepared lasts through them, and they write nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import InternalError

from engine.errors import NotFound
from engine.models import Unit
from engine.storage.db import reading, transaction
from tests.engine.org.conftest import NOW
from tests.engine.org.county import make_county


@pytest.mark.only("postgresql")
def test_it_keeps_what_is_prepared_through_reads_and_refusals(database: str) -> None:
    """After a ROLLBACK psycopg forgets all of it, and every statement is planned again."""
    for number in range(8):
        with reading() as db:
            db.scalars(select(Unit.code)).all()
        with pytest.raises(NotFound), reading() as db:
            raise NotFound(number)

    with reading() as db:
        kept = set(db.scalars(text("SELECT statement FROM pg_prepared_statements")))
    assert any("FROM unit" in statement for statement in kept)


def test_it_lets_no_read_write(database: str, backend: str) -> None:
    with transaction() as db:
        make_county(db, NOW)

    if backend == "postgresql":
        with pytest.raises(InternalError), reading() as db:
            db.execute(update(Unit).values(name="改"))
    with reading() as db:
        unit = db.scalars(select(Unit).limit(1)).one()
        unit.name = "改"

    with reading() as db:
        assert db.scalar(select(func.count()).where(Unit.name == "改")) == 0
