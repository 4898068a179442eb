"""Queues in which nobody sits: found at once, told above, listed, and given back when manned."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import org
from engine.casework import cases
from engine.casework.empty_queues import changed
from engine.casework.moves import reminders
from engine.models import Notice, Post, Task, Unit, User
from engine.operations import doctor, vitals
from engine.reports import empty_queues
from engine.reports.area import Area
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.engine.casework.world import FRIDAY_9AM, World

HOUR = timedelta(hours=1)


def vacate(world: World, code: str, role: str, *, end: bool = False) -> None:
    with transaction() as db:
        post = db.scalars(
            select(Post)
            .join(Unit)
            .where(Unit.code == code, Post.role == role, Post.until_at.is_(None))
        ).one()
        (org.end_post if end else org.vacate_post)(db, None, post, now=world.now)


def listed(world: World, login: str = "county_leader") -> list[tuple[str, str, int, bool]]:
    with reading() as db:
        county = db.scalars(select(Unit).where(Unit.code == "620725")).one()
        actor = world.actor(db, login)
        rows = empty_queues.find(db, actor, Area(county), world.now)
        return [(row.unit.code, row.role, row.tasks, row.vacant) for row in rows]


def told(world: World, login: str) -> list[str]:
    with reading() as db:
        return list(db.scalars(select(Notice.key).where(Notice.user_id == world.logins[login])))


@pytest.mark.parametrize("signed", [False, True], ids=["waiting", "signed"])
@pytest.mark.parametrize("end", [False, True], ids=["vacated", "ended"])
def test_a_queue_that_falls_empty_is_told_above_at_once(
    world: World, signed: bool, end: bool
) -> None:
    """Vacated or abolished, signed for or not: it waits in the queue, and the leader hears."""
    case_id = world.open()
    if signed:
        with transaction() as db:
            task = world.task(case_id)
            cases.sign(db, world.actor(db, "grid_leader"), task.id, now=world.now)
    world.now += HOUR
    vacate(world, "V1", "grid_leader", end=end)
    world.work(world.now)
    world.work(world.now + timedelta(minutes=1))

    assert world.task(case_id).deserted_at is not None
    (event,) = world.events(case_id, "task.deserted")
    assert json.loads(event.data)["reason"] == ("no_post" if end else "vacant")
    assert "case.escalated" in told(world, "town_leader")
    assert listed(world) == [("V1", "grid_leader", 1, not end)]
    assert listed(world, "town_leader") == [] or listed(world, "town_leader") == listed(world)
    with reading() as db:
        assert vitals.look(db, world.now).deserted.count == 1
        assert not doctor.examine(db, world.now).findings


def test_it_climbs_until_somebody_sits_there_and_then_as_before(world: World) -> None:
    """Manned again: told as new work, its ladder is that of its limit, the list is empty."""
    case_id = world.open()
    vacate(world, "V1", "grid_leader")
    for _ in range(30):
        world.work(world.now + timedelta(days=1))
    assert any(row.kind == "rung" for row in world.due(case_id))
    with transaction() as db:
        post = db.scalars(
            select(Post)
            .join(Unit)
            .where(Unit.code == "V1", Post.role == "grid_leader", Post.until_at.is_(None))
        ).one()
        org.fill_post(db, None, post, db.get_one(User, world.logins["sibling"]), now=world.now)
    world.work(world.now + HOUR)
    world.work(world.now)

    assert world.task(case_id).deserted_at is None
    assert world.kinds(case_id).count("task.manned") == 1
    assert "task.opened" in told(world, "sibling")
    assert listed(world) == []
    with reading() as db:
        assert not doctor.examine(db, world.now).findings


def test_what_opens_in_an_empty_queue_is_found_too(world: World) -> None:
    """The unit never had anybody: the next tick says so."""
    vacate(world, "V1", "grid_leader")
    case_id = world.open()
    ticks.desert(world.now)
    assert world.task(case_id).deserted_at == world.now
    ticks.desert(world.now + HOUR)
    assert world.kinds(case_id).count("task.deserted") == 1


def test_a_deputy_keeps_a_queue_manned(world: World) -> None:
    """The holder is gone, somebody stands in: nothing is empty until that is over."""
    case_id = world.open()
    with transaction() as db:
        post = db.scalars(
            select(Post).join(Unit).where(Unit.code == "V1", Post.role == "grid_leader")
        ).one()
        org.create_deputy(
            db,
            None,
            post=post,
            user=db.get_one(User, world.logins["sibling"]),
            from_at=world.now,
            until_at=world.now + 3 * HOUR,
            now=world.now,
        )
        db.get_one(User, world.logins["grid_leader"]).ended_at = world.now
    ticks.desert(world.now + HOUR)
    assert world.task(case_id).deserted_at is None
    ticks.desert(world.now + 4 * HOUR)
    assert world.task(case_id).deserted_at is not None


def test_urging_an_empty_role_goes_to_who_answers_for_the_unit(world: World) -> None:
    """Nobody can be reminded: the leader above is, and the record says so."""
    case_id = world.open()
    vacate(world, "V1", "grid_leader")
    with transaction() as db:
        actor = world.actor(db, "county_supervisor")
        reminders.urge(db, actor, world.task(case_id).id, now=world.now)
    world.work(world.now)

    (event,) = world.events(case_id, "task.urged")
    assert json.loads(event.data)["told_above"] == [world.logins["town_leader"]]
    assert "task.urged" in told(world, "town_leader")


def test_finding_costs_one_statement_whatever_waits(world: World) -> None:
    for _ in range(3):
        world.open()
    with reading() as db:
        assert changed(db, FRIDAY_9AM, 10) == []
        assert db.scalars(select(Task.id).where(Task.done_at.is_(None))).all()
