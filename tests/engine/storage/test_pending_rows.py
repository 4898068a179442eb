"""Rows that are kept aside: whatever a step says of them until its end is what is written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from engine.models import Recalculation, new_id
from engine.storage import pending_rows
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("early", [False, True])
def test_what_is_changed_after_a_row_had_to_be_written_is_written_too(
    world: World, early: bool
) -> None:
    """A statement in between makes it be written; the session does not know the row after that."""
    with transaction() as db:
        db.autoflush = False
        row = Recalculation(id=new_id(), reason="calendar", at=NOW)
        pending_rows.add(db, row)
        if early:
            pending_rows.settle(db, Recalculation)
            assert db.execute(select(Recalculation.reason).where(Recalculation.id == row.id)).all()
        row.reason, row.changed = "table", 3
        key = row.id

    with reading() as db:
        found = db.get_one(Recalculation, key)
        assert (found.reason, found.changed, found.at) == ("table", 3, NOW)


def test_a_step_that_is_taken_back_leaves_nothing_to_write(world: World) -> None:
    with pytest.raises(RuntimeError), transaction() as db:
        db.autoflush = False
        row = Recalculation(id=new_id(), reason="calendar", at=NOW)
        pending_rows.add(db, row)
        pending_rows.settle(db, Recalculation)
        row.changed = 3
        key = row.id
        raise RuntimeError

    with reading() as db:
        assert db.get(Recalculation, key) is None


@pytest.mark.parametrize("autoflush", [False, True])
def test_a_row_made_of_values_is_the_row_of_an_instance(world: World, autoflush: bool) -> None:
    """With the defaults of its columns, whether the session writes at once or at its end."""
    values = {"id": new_id(), "reason": "calendar", "at": NOW}
    with transaction() as db:
        db.autoflush = autoflush
        pending_rows.add_values(db, Recalculation, **values)
        pending_rows.add(db, Recalculation(**{**values, "id": new_id()}))

    with reading() as db:
        made, usual = db.scalars(
            select(Recalculation).order_by(Recalculation.id != values["id"], Recalculation.id)
        )
        columns = set(Recalculation.__table__.c.keys()) - {"id"}
        assert {one: getattr(made, one) for one in columns} == {
            one: getattr(usual, one) for one in columns
        }


def test_a_row_made_of_values_makes_no_instance(world: World) -> None:
    with transaction() as db:
        db.autoflush = False
        pending_rows.add_values(db, Recalculation, reason="calendar", at=NOW)
        (row,) = db.info[pending_rows._KEY][Recalculation, False]
        assert vars(row) == {"reason": "calendar", "at": NOW}
