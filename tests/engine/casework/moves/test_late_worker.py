"""The worker was away when a sign-for limit passed: what people do later changes nothing before."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from engine.casework import moves
from engine.models import Unit
from engine.storage.db import reading, transaction
from engine.timing import calendars
from engine.worker import ticks
from tests.engine.casework.moves import retold
from tests.engine.casework.world import ACCEPT, DISPATCH, World

MONTH_END = datetime(2026, 12, 30, 6, 0, tzinfo=UTC)


def assert_as_if_in_time(world: World) -> None:
    """The worker comes at last; every rung is where it would have been."""
    world.now = MONTH_END
    assert ticks.sweep(world.now)["failed"] == 0
    ticks.recalculate(world.now)
    ticks.sweep(world.now)
    with reading() as db:
        retold.assert_as_told(db, world.now)


def test_it_escalates_by_what_the_case_was_then(world: World) -> None:
    """A case that becomes urgent was not urgent when its steps ran out of time."""
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    world.now = datetime(2026, 12, 4, 10, 0, tzinfo=UTC)
    with transaction() as db:
        leader = world.actor(db, "town_leader")
        moves.reclassify(db, leader, case_id, {"priority": "紧急"}, "情况有变", now=world.now)

    assert_as_if_in_time(world)


def test_it_escalates_by_the_calendar_of_the_unit_that_had_it(world: World) -> None:
    """The water bureau never closes; the housing bureau, which let the limit pass, does."""
    with transaction() as db:
        bureau = db.scalars(select(Unit.id).where(Unit.code == "620725-SWJ")).one()
        calendars.touch(db, {str(bureau): calendars.ALWAYS}, world.now, calendar="uses")
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, DISPATCH)
    task_id = world.task(case_id).id
    world.now = datetime(2026, 12, 20, 4, 0, tzinfo=UTC)
    with transaction() as db:
        moves.transfer(db, world.actor(db, "handler"), task_id, bureau, "职责划转", now=world.now)

    assert_as_if_in_time(world)
