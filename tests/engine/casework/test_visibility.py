"""A case is seen by those whom ``case_access`` and the tree say, and by nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import org
from engine.access import policy
from engine.errors import NotFound
from engine.models import Case, Post, Task, Unit, User
from engine.reading import case_lists
from engine.reading.case_lists import CaseSearch
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.engine.casework.world import ACCEPT, DISPATCH, World

SEEING = ("worker", "grid_leader", "dispatcher", "town_leader", "town_supervisor")
COUNTY = ("county_dispatcher", "county_supervisor", "county_leader")


def sees(world: World, login: str, case_id: int) -> bool:
    """Whether somebody sees the case: as object and in the list alike."""
    with reading() as db:
        actor = world.actor(db, login)
        listed = case_id in db.scalars(select(Case.id).where(policy.visible_cases(actor))).all()
        single = policy.can_see(db, actor, db.get_one(Case, case_id))
    assert listed == single
    return single


def lists(world: World, login: str) -> set[int]:
    """The cases whose tasks somebody's lists show."""
    with reading() as db:
        actor = world.actor(db, login)
        query = select(Task.case_id).join(Unit, Unit.id == Task.unit_id).join(Task.case)
        return set(db.scalars(query.where(policy.visible_tasks(actor), policy.within_now(actor))))


@pytest.mark.parametrize("login", [*SEEING, *COUNTY])
def test_it_is_seen_up_the_tree(world: World, login: str) -> None:
    """The grid, the village that judges, and everybody who oversees them."""
    assert sees(world, login, world.open())


@pytest.mark.parametrize("login", ["sibling", "handler", "department_leader", "water_handler"])
def test_it_is_not_seen_beside_the_tree(world: World, login: str) -> None:
    """A sibling village and departments that have nothing to do with it."""
    assert not sees(world, login, world.open())


def test_it_is_seen_by_the_department_once_it_is_theirs(world: World) -> None:
    """The department gets access with its task; its leader sees it, another's does not."""
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, DISPATCH)

    assert sees(world, "handler", case_id) and sees(world, "department_leader", case_id)
    assert not sees(world, "water_handler", case_id)
    assert lists(world, "department_leader") == {case_id}


def test_it_is_not_seen_after_the_post_has_ended(world: World) -> None:
    """Yesterday's supervisor is a stranger today, the deputy of a vacant desk is not."""
    case_id = world.open()
    with transaction() as db:
        post = db.scalars(select(Post).where(Post.user_id == world.logins["town_leader"])).one()
        org.end_post(db, None, post, now=world.now)
    world.now += timedelta(seconds=1)

    assert not sees(world, "town_leader", case_id)
    assert lists(world, "town_leader") == set()


def test_it_lets_a_deputy_stand_in_for_the_period(world: World) -> None:
    """The sibling's grid leader stands in for a week, and is a stranger before and after."""
    case_id = world.open()
    start = world.now
    with transaction() as db:
        post = db.scalars(select(Post).where(Post.user_id == world.logins["grid_leader"])).one()
        org.create_deputy(
            db,
            None,
            post=post,
            user=db.get_one(User, world.logins["sibling"]),
            from_at=start + timedelta(days=1),
            until_at=start + timedelta(days=8),
            now=start,
        )

    assert not sees(world, "sibling", case_id)
    world.now = start + timedelta(days=2)
    assert sees(world, "sibling", case_id)
    world.complete("sibling", case_id, ACCEPT)
    (event,) = [one for one in world.events(case_id, "task.completed") if one.seq > 2]
    assert f'"for":{world.logins["grid_leader"]}' in event.data
    world.now = start + timedelta(days=9)
    assert not sees(world, "sibling", case_id)


def test_moving_a_unit_neither_loses_nor_leaks(world: World) -> None:
    """At once, and after the worker has stamped the rows: the new superior sees, the old not."""
    case_id = world.open()
    with transaction() as db:
        village = db.scalars(select(Unit).where(Unit.code == "V1")).one()
        target = db.scalars(select(Unit).where(Unit.code == "T2")).one()
        org.move_unit(db, None, village, target, now=world.now)

    for _ in range(2):
        assert case_id not in lists(world, "town_leader")
        assert case_id in lists(world, "county_leader")
        assert not sees(world, "town_leader", case_id)
        assert sees(world, "county_leader", case_id) and sees(world, "grid_leader", case_id)
        ticks.restamp(world.now + timedelta(hours=1))
    with reading() as db:
        task = db.scalars(select(Task).where(Task.case_id == case_id, Task.done_at.is_(None))).one()
        assert task.at_township == target.id


def test_an_ended_user_is_nobody(world: World) -> None:
    """No actor, no seats, no case."""
    world.open()
    with transaction() as db:
        user = db.get_one(User, world.logins["worker"])
        org.end_user(db, None, user, now=world.now)
    with reading() as db, pytest.raises(NotFound):
        world.actor(db, "worker")


def test_it_lists_exactly_the_cases_that_each_may_open(world: World) -> None:
    """Whichever way a list finds them, from the newest or from one's own few."""
    ids = [world.open(), world.open(summary="第二件"), world.open(summary="第三件")]
    world.complete("grid_leader", ids[0], ACCEPT)
    for login in world.logins:
        with reading() as db:
            actor = world.actor(db, login)
            listed = {row.case_id for row in case_lists.cases(db, actor, CaseSearch()).rows}
            assert listed == {
                one for one in ids if policy.can_see(db, actor, db.get_one(Case, one))
            }, login
