"""Who stands in for whom: never two at once, and only who may say so says it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from engine import org
from engine.access import actors
from engine.desk import absences
from engine.errors import InvalidInput, NotFound
from engine.models import Deputy, Notice, Post, User, new_id
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.engine.casework.world import World

DAY = timedelta(days=1)


def post_of(world: World, login: str) -> int:
    with reading() as db:
        return db.scalars(select(Post.id).where(Post.user_id == world.logins[login])).one()


def arrange(
    world: World, by: str, whose: str, who: str, begin: timedelta, length: timedelta
) -> None:
    with transaction() as db:
        start = world.now + begin
        absences.arrange(
            db,
            world.actor(db, by),
            [post_of(world, whose)],
            who,
            start,
            start + length,
            "出差",
            now=world.now,
        )


def test_it_lets_the_deputy_act_for_the_period_and_tells_them(world: World) -> None:
    arrange(world, "handler", "handler", "water_handler", DAY, 2 * DAY)
    ticks.deliver(world.now)

    with reading() as db:
        (notice,) = db.scalars(select(Notice).where(Notice.key == "deputy.appointed"))
        acting = actors.actor_of(db, world.logins["water_handler"], world.now + 2 * DAY)
    assert notice.user_id == world.logins["water_handler"] and notice.case_id is None
    assert "住房和城乡建设局，2026-11-21" in notice.data["text"]
    assert world.logins["handler"] in {seat.for_user_id for seat in acting.seats}


def test_it_refuses_a_second_deputy_on_the_same_day(world: World) -> None:
    """In words that name the first; the day after it is free."""
    arrange(world, "handler", "handler", "water_handler", DAY, 2 * DAY)
    for begin, length in ((0 * DAY, 5 * DAY), (2 * DAY, 5 * DAY), (1.5 * DAY, 0.2 * DAY)):
        with pytest.raises(InvalidInput) as refused:
            arrange(world, "handler", "handler", "colleague", begin, length)
        assert "已由员工water_handler代理该岗位" in refused.value.errors["from_at"].zh
    arrange(world, "handler", "handler", "colleague", 3 * DAY, DAY)


def test_the_database_itself_refuses_what_overlaps(world: World) -> None:
    """Whatever wrote it; ending one early is no overlap."""
    arrange(world, "handler", "handler", "water_handler", DAY, 2 * DAY)
    arrange(world, "handler", "handler", "colleague", 3 * DAY, DAY)
    row = {
        "post_id": post_of(world, "handler"),
        "user_id": world.logins["colleague"],
        "from_at": world.now + 2 * DAY,
        "until_at": world.now + 9 * DAY,
    }
    with pytest.raises(DBAPIError, match="stands in"), transaction() as db:
        db.add(Deputy(id=new_id(), **row))
    with pytest.raises(DBAPIError, match="stands in"), transaction() as db:
        first = Deputy.user_id == world.logins["water_handler"]
        db.execute(update(Deputy).where(first).values(until_at=row["until_at"]))
    with transaction() as db:
        first = Deputy.user_id == world.logins["water_handler"]
        db.execute(update(Deputy).where(first).values(until_at=world.now + 1.5 * DAY))


def test_it_lets_a_leader_arrange_for_their_people_alone(world: World) -> None:
    """Their own unit and what belongs to it; not a neighbour's, nor an administrator's powers."""
    arrange(world, "department_leader", "handler", "colleague", DAY, DAY)
    arrange(world, "grid_leader", "worker", "dispatcher", DAY, DAY)
    with pytest.raises(InvalidInput):
        arrange(world, "grid_leader", "worker", "grid_leader", 5 * DAY, DAY)
    with transaction() as db:
        unit = db.scalars(select(Post).where(Post.user_id == world.logins["county_leader"])).one()
        user = db.get_one(User, world.logins["sibling"])
        org.create_post(
            db, None, unit=unit.unit, role="admin", user=user, now=world.now - timedelta(hours=1)
        )
    for by, whose in (
        ("department_leader", "water_handler"),
        ("handler", "colleague"),
        ("colleague", "department_leader"),
    ):
        with pytest.raises(NotFound):
            arrange(world, by, whose, "handler", 5 * DAY, DAY)
    with reading() as db:
        roles = {
            row.post.role for row in absences.staff(db, world.actor(db, "county_leader"), world.now)
        }
    assert "admin" not in roles and "leader" in roles


def test_it_ends_a_deputyship_by_either_side(world: World) -> None:
    arrange(world, "handler", "handler", "water_handler", timedelta(), 5 * DAY)
    world.now += timedelta(hours=1)
    with reading() as db:
        deputy = db.scalars(select(Deputy.id)).one()
    with pytest.raises(NotFound), transaction() as db:
        absences.end(db, world.actor(db, "worker"), deputy, now=world.now)
    with transaction() as db:
        absences.end(db, world.actor(db, "water_handler"), deputy, now=world.now)
    with pytest.raises(NotFound), transaction() as db:
        absences.end(db, world.actor(db, "handler"), deputy, now=world.now)


@pytest.mark.parametrize("who", ["handler", "worker2", ""])
def test_it_refuses_who_cannot_stand_in(world: World, who: str) -> None:
    """Oneself, somebody unknown, nobody."""
    with pytest.raises(InvalidInput) as refused:
        arrange(world, "handler", "handler", who, DAY, DAY)
    assert "user" in refused.value.errors
