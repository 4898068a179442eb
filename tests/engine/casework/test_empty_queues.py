"""Queues in which nobody sits: found at once, told above, listed, and given back when manned."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from engine import org
from engine.casework import cases
from engine.casework.empty_queues import changed
from engine.casework.moves import pauses, reminders, transfers
from engine.models import Notice, Post, Task, Unit, User
from engine.operations import doctor, vitals
from engine.reports import empty_queues
from engine.reports.area import Area
from engine.storage.db import reading, transaction
from engine.timing import emergencies
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

    assert world.task(case_id).queue_empty_since is not None
    (event,) = world.events(case_id, "task.deserted")
    assert json.loads(event.data)["reason"] == ("no_post" if end else "vacant")
    assert "case.escalated" in told(world, "town_leader")
    assert listed(world) == [("V1", "grid_leader", 1, not end)]
    assert listed(world, "town_leader") == [] or listed(world, "town_leader") == listed(world)
    with reading() as db:
        assert vitals.look(db, world.now).empty_queues.count == 1
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

    assert world.task(case_id).queue_empty_since is None
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
    assert world.task(case_id).queue_empty_since == world.now
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
    assert world.task(case_id).queue_empty_since is None
    ticks.desert(world.now + 4 * HOUR)
    assert world.task(case_id).queue_empty_since is not None


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


def of_signing(world: World, case_id: int) -> list[datetime]:
    """When the rungs of signing that lie ahead ring."""
    rows = [row for row in world.due(case_id) if row.kind == "rung"]
    return [row.fire_at for row in rows if row.mark.startswith("sign:") and row.fire_at > world.now]


def emptied(world: World) -> int:
    """A ticket whose queue has just fallen empty, with its time to sign ahead."""
    case_id = world.open()
    world.now += timedelta(minutes=5)
    vacate(world, "V1", "grid_leader")
    ticks.tick("deserted", world.now)
    task = world.task(case_id)
    assert task.queue_empty_since == world.now and (task.sign_due_at or world.now) > world.now
    return case_id


def test_a_limit_that_changes_meanwhile_does_not_silence_the_empty_queue(world: World) -> None:
    """The ladder goes on from when nobody sat there, not from the new end of signing."""
    case_id = emptied(world)
    before = of_signing(world, case_id)
    world.now += timedelta(minutes=1)
    with transaction() as db:
        leader, now = world.actor(db, "county_leader"), world.now
        county = db.scalars(select(Unit.id).where(Unit.code == "620725")).one()
        emergencies.switch_on(db, leader, county, factor=50, reason="防汛", now=now)
    world.now += HOUR / 2
    ticks.tick("recount", world.now)

    assert world.events(case_id, "clock.recounted")
    assert before and of_signing(world, case_id) == before


def test_an_heir_in_whose_queue_somebody_sits_has_the_time_that_is_left(world: World) -> None:
    """What rang because nobody sat in the unit that ended does not go on at the next one."""
    case_id = emptied(world)
    task = world.task(case_id)
    with transaction() as db:
        units = {unit.code: unit for unit in db.scalars(select(Unit))}
        user = db.get_one(User, world.logins["sibling"])
        org.create_post(db, None, unit=units["V2"], role="grid_leader", user=user, now=world.now)
        org.end_unit(db, None, units["V1"], now=world.now, heir=units["V2"])
    ticks.tick("deserted", world.now)

    moved = world.task(case_id)
    assert (moved.queue_empty_since, moved.sign_due_at) == (None, task.sign_due_at)
    assert min(of_signing(world, case_id)) >= task.sign_due_at
    assert "task.manned" in world.kinds(case_id)


def test_a_task_passed_on_from_an_empty_queue_has_the_next_units_own_time(world: World) -> None:
    """By whoever sits there again before anybody has looked."""
    case_id = emptied(world)
    with transaction() as db:
        units = {unit.code: unit.id for unit in db.scalars(select(Unit))}
        user = db.get_one(User, world.logins["sibling"])
        unit = db.get_one(Unit, units["V2"])
        org.create_post(db, None, unit=unit, role="grid_leader", user=user, now=world.now)
        seat = (Unit.code == "V1", Post.role == "grid_leader", Post.until_at.is_(None))
        held = select(Post).join(Unit).where(*seat)
        back = db.get_one(User, world.logins["grid_leader"])
        org.fill_post(db, None, db.scalars(held).one(), back, now=world.now)
    with transaction() as db:
        actor, task = world.actor(db, "grid_leader"), world.task(case_id)
        transfers.transfer(db, actor, task.id, units["V2"], "属北滩村。", now=world.now)
    ticks.tick("deserted", world.now)

    moved = world.task(case_id)
    assert moved.queue_empty_since is None
    assert min(of_signing(world, case_id)) >= moved.sign_due_at


def test_what_was_suspended_and_left_behind_is_not_to_be_signed_for_in_time(world: World) -> None:
    """It was signed for: once somebody sits there again, no rungs of signing are left."""
    case_id = world.open()
    with transaction() as db:
        actor, task = world.actor(db, "grid_leader"), world.task(case_id)
        cases.sign(db, actor, task.id, now=world.now)
    with transaction() as db:
        actor = world.actor(db, "grid_leader")
        pauses.suspend(db, actor, task.id, "party", "等待材料。", now=world.now)
    world.now += timedelta(minutes=5)
    vacate(world, "V1", "grid_leader")
    ticks.tick("deserted", world.now)
    assert of_signing(world, case_id)
    world.now += timedelta(minutes=5)
    with transaction() as db:
        seat = (Unit.code == "V1", Post.role == "grid_leader", Post.until_at.is_(None))
        post = db.scalars(select(Post).join(Unit).where(*seat)).one()
        back = db.get_one(User, world.logins["sibling"])
        org.fill_post(db, None, post, back, now=world.now)
    ticks.tick("deserted", world.now)

    assert world.events(case_id, "task.manned")
    assert of_signing(world, case_id) == []
