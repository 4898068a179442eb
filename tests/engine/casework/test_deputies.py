"""Deputies of deputies act for the whole chain; nobody stands in for somebody in a circle."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import org
from engine.access import actors, policy
from engine.access.actors import Actor
from engine.errors import InvalidInput, NotAllowed
from engine.models import Deputy, Post, User
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World

DAY = timedelta(days=1)


def post_of(world: World, login: str) -> int:
    with reading() as db:
        return db.scalars(
            select(Post.id).where(Post.user_id == world.logins[login], Post.until_at.is_(None))
        ).one()


def stand_in(
    world: World, whose: str, who: str, begin: timedelta, length: timedelta, by: str | None = None
) -> int:
    """Let one stand in for the other's post; returns the row's id."""
    with transaction() as db:
        return org.create_deputy(
            db,
            world.logins[by] if by else None,
            post=db.get_one(Post, post_of(world, whose)),
            user=db.get_one(User, world.logins[who]),
            from_at=world.now + begin,
            until_at=world.now + begin + length,
            now=world.now,
        ).id


def acting(world: World, login: str, after: timedelta = timedelta()) -> Actor:
    with reading() as db:
        return actors.actor_of(db, world.logins[login], world.now + after)


def roles(world: World, login: str, after: timedelta = timedelta()) -> set[str]:
    return {seat.unit_name for seat in acting(world, login, after).seats}


@pytest.mark.parametrize("first", ["upper", "lower"])
def test_a_chain_ends_in_somebody(world: World, first: str) -> None:
    """Whichever of the two was arranged first, and only while both are in force."""
    order = [("handler", "colleague", 0, 10), ("colleague", "water_handler", 2, 4)]
    for whose, who, begin, length in order if first == "upper" else reversed(order):
        stand_in(world, whose, who, begin * DAY, length * DAY)
    third = acting(world, "water_handler", 3 * DAY)
    seat = next(seat for seat in third.seats if seat.for_user_id == world.logins["handler"])
    assert seat.through == (world.logins["colleague"],)
    for day in (1, 7):
        later = acting(world, "water_handler", day * DAY)
        assert world.logins["handler"] not in {seat.for_user_id for seat in later.seats}
    with reading() as db:
        told = org.holders(db, seat.unit_id, "handler", world.now + 3 * DAY)
    assert world.logins["water_handler"] in {one.user_id for one in told}


def test_the_last_of_a_chain_goes_on_with_what_the_others_signed_for(world: World) -> None:
    case_id = world.open()
    stand_in(world, "grid_leader", "worker", timedelta(), 10 * DAY)
    stand_in(world, "worker", "dispatcher", DAY, 5 * DAY)
    task = world.task(case_id)
    with transaction() as db:
        held = db.merge(task)
        held.assignee_id, held.signed_at = world.logins["worker"], world.now
    world.now += 2 * DAY
    seat = policy.seat_for(acting(world, "dispatcher"), "complete", world.task(case_id))
    assert seat is not None and seat.for_user_id == world.logins["grid_leader"]


def test_a_chain_falls_with_any_of_its_links(world: World) -> None:
    upper = stand_in(world, "handler", "colleague", timedelta(), 10 * DAY)
    stand_in(world, "colleague", "water_handler", timedelta(), 10 * DAY)
    world.now += DAY
    assert world.logins["handler"] in {
        seat.for_user_id for seat in acting(world, "water_handler").seats
    }
    with transaction() as db:
        org.end_deputy(db, None, db.get_one(Deputy, upper), now=world.now)
    assert world.logins["handler"] not in {
        seat.for_user_id for seat in acting(world, "water_handler").seats
    }
    with reading() as db:
        derived = db.scalars(select(Deputy).where(Deputy.derived)).one()
        assert derived.until_at == world.now


def test_a_deputy_for_somebody_who_leaves_the_post_passes_nothing_on(world: World) -> None:
    stand_in(world, "handler", "colleague", timedelta(), 10 * DAY)
    stand_in(world, "colleague", "water_handler", timedelta(), 10 * DAY)
    world.now += DAY
    with transaction() as db:
        org.vacate_post(db, None, db.get_one(Post, post_of(world, "handler")), now=world.now)
    assert {seat.for_user_id for seat in acting(world, "water_handler").seats} == {
        None,
        world.logins["colleague"],
    }


@pytest.mark.parametrize("length", [2, 3])
def test_it_refuses_a_circle(world: World, length: int) -> None:
    ring = ["handler", "colleague", "water_handler"][:length]
    for whose, who in zip(ring, ring[1:], strict=False):
        stand_in(world, whose, who, DAY, 5 * DAY)
    with pytest.raises(InvalidInput, match="user"):
        stand_in(world, ring[-1], ring[0], 3 * DAY, DAY)
    stand_in(world, ring[-1], ring[0], 7 * DAY, DAY)


def test_a_power_that_two_gave_is_not_passed_on_by_its_deputy(world: World) -> None:
    stand_in(world, "town_supervisor", "county_supervisor", timedelta(), 5 * DAY)
    stand_in(world, "county_supervisor", "sibling", timedelta(), 5 * DAY)
    assert world.logins["town_supervisor"] not in {
        seat.for_user_id for seat in acting(world, "sibling").seats
    }
    with pytest.raises((NotAllowed, InvalidInput)):
        stand_in(world, "town_supervisor", "sibling", 8 * DAY, DAY, by="town_leader")


def test_who_appoints_is_not_the_deputy(world: World) -> None:
    with pytest.raises(InvalidInput, match="user"):
        stand_in(world, "handler", "department_leader", DAY, DAY, by="department_leader")
