"""A clock that jumps: nothing fires until an administrator has seen what would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from engine.models import AdminEvent, Tick
from engine.operations import clock_guard, vitals
from engine.operations.clock_guard import NothingHeld
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.engine.casework.world import World, make_world

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def with_settings(own_settings: None) -> None:
    """Every test has settings of its own."""


@pytest.fixture
def world(database: str) -> Iterator[World]:
    yield make_world()


def fire(world: World, now: datetime) -> bool:
    """One tick as the worker does it; tells whether it fired."""
    if clock_guard.holds(now):
        return False
    ticks.tick("sweep", now)
    return True


def confirm(world: World, now: datetime) -> int:
    with transaction() as db:
        return clock_guard.confirm(db, world.logins["county_leader"], now=now).count


# PostgreSQL has a clock of its own, from which a pretended time is apart anyway.
@pytest.mark.only("sqlite")
def test_it_fires_nothing_further_than_a_day_past_the_last_tick(world: World) -> None:
    """A year ahead: held with the list and the counts, until somebody says that it is right."""
    case_id = world.open()
    assert fire(world, world.now) and fire(world, world.now + timedelta(hours=20))
    ahead = world.now + 365 * DAY
    before = len(world.kinds(case_id))

    assert not fire(world, ahead) and not fire(world, ahead + timedelta(seconds=10))
    assert len(world.kinds(case_id)) == before
    with reading() as db:
        held = clock_guard.current_hold(db)
        assert held is not None and held.why == "ahead" and held.since == ahead
        counts, rows = clock_guard.would_fire(db, ahead)
        assert sum(counts.values()) == held.count == len(rows) and rows[0].case_id == case_id
        assert vitals.look(db, ahead).hold == held
    assert confirm(world, ahead) == held.count
    assert fire(world, ahead + timedelta(seconds=20))
    assert "escalated" in world.kinds(case_id)
    with reading() as db:
        assert clock_guard.current_hold(db) is None
        kinds = db.scalars(select(AdminEvent.kind)).all()
        assert kinds.count("clock.confirmed") == 1
    assert not fire(world, ahead + 30 * DAY), "another jump is asked about again"
    confirm(world, ahead + 30 * DAY)
    with pytest.raises(NothingHeld):
        confirm(world, ahead)


def test_it_goes_on_by_itself_when_the_clock_is_right_again(world: World) -> None:
    world.open()
    assert fire(world, world.now)
    assert not fire(world, world.now + 40 * DAY)
    assert fire(world, world.now + timedelta(minutes=1))
    with reading() as db:
        assert clock_guard.current_hold(db) is None


def test_it_fires_nothing_by_another_clock_than_the_database(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.open()
    world.now += 4 * timedelta(hours=2)
    monkeypatch.setattr(
        clock_guard, "_database_clock", lambda _db: world.now - timedelta(seconds=90)
    )
    assert not fire(world, world.now)
    with reading() as db:
        held = clock_guard.current_hold(db)
    assert held is not None and held.why == "apart"
    confirm(world, world.now)
    assert fire(world, world.now) and not clock_guard.holds(world.now)


def test_nothing_to_fire_is_nothing_to_hold(world: World) -> None:
    assert fire(world, world.now) and fire(world, world.now + 9 * DAY)


def test_a_tick_in_the_future_does_not_make_a_dead_worker_look_alive(world: World) -> None:
    """Nor a living one dead: the tick nearest to now counts."""
    with transaction() as db:
        db.add(Tick(name="files", at=world.now + 365 * DAY, took_ms=1, report={}))
        db.add(Tick(name="sweep", at=world.now, took_ms=1, report={}))
    with reading() as db:
        found = vitals.look(db, world.now + timedelta(minutes=10))
    assert found.last_tick == world.now
