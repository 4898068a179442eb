"""One broken case, message, channel or unit in every sweep: the others go on as if it were not."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from engine.models import Case, CaseState, Delivery, Event, Outbox
from engine.storage.db import reading, transaction
from engine.timing import recalculation_requests
from engine.worker import ticks
from tests.engine.casework.world import ACCEPT, World
from tests.engine.notices.channels.conftest import Town
from tests.engine.notices.channels.servers import web_server
from tests.faults.aftermath import assert_sound, recover
from tests.webapp.site import Site

POISON = "{ this is no state"


def spoil(case_id: int) -> str:
    """Make a case's state unreadable; gives what it was."""
    with transaction() as db:
        state = db.get_one(CaseState, case_id)
        kept, state.state = state.state, POISON
    return kept


def heal(case_id: int, kept: str) -> None:
    """Give the state back, and let what was put off come at once."""
    with transaction() as db:
        db.get_one(CaseState, case_id).state = kept


def fired(case_id: int) -> int:
    """How many moments of a case have come and been worked off."""
    with reading() as db:
        return len(
            list(
                db.scalars(
                    select(Event.id).where(
                        Event.case_id == case_id, Event.kind.in_(("clock.expired", "escalated"))
                    )
                )
            )
        )


def test_a_broken_case_stops_no_clock_of_the_others(site: Site) -> None:
    cases = [site.open() for _number in range(3)]
    broken = cases[1]

    def sweep(world: World) -> tuple[list[int], str]:
        kept = spoil(broken)
        recalculations_of_all(world)
        world.now = world.due(broken)[-1].fire_at + timedelta(minutes=1)
        ticks.run_once(world.now)
        return [fired(case_id) for case_id in cases], kept

    (first, _, third), kept = site.run(sweep)
    assert first == third > 0
    site.run(lambda world: heal(broken, kept))
    # A moment that failed is tried again, at the latest after an hour.
    recover(site, timedelta(hours=2))
    assert site.run(lambda world: fired(broken)) == first
    assert_sound(site)


def recalculations_of_all(world: World) -> None:
    """Have all clocks recalculated, the broken case's too."""
    with transaction() as db:
        recalculation_requests.ask(db, "calendar", now=world.now)


def test_a_broken_message_stops_no_other(site: Site) -> None:
    cases = [site.open() for _number in range(3)]

    def queue(world: World) -> None:
        with transaction() as db:
            case = db.get_one(Case, cases[1])
            db.add(
                Outbox(
                    county_id=case.county_id,
                    case_id=case.id,
                    channel="case",
                    key="case.start",
                    data={"process": "there-is-no-such-process"},
                    cause="poison",
                    unit_id=case.unit_id,
                    role="dispatcher",
                    at=world.now,
                    # Before all the others.
                    send_at=world.now - timedelta(hours=1),
                )
            )

    site.run(queue)
    report = site.run(lambda world: ticks.deliver(world.now))
    assert report["failed"] == 1 and report["sent"] == 3
    # After its last attempt it is dead and in nobody's way; the doctor has nothing against it.
    for _attempt in range(7):
        site.world.now += timedelta(hours=13)
        site.run(lambda world: ticks.deliver(world.now))

    def dead(_world: World) -> list[str]:
        with reading() as db:
            return list(db.scalars(select(Outbox.cause).where(Outbox.dead_at.is_not(None))))

    assert site.run(dead) == ["poison"]
    recover(site)
    assert_sound(site)


@pytest.mark.slow
def test_a_channel_that_hangs_and_one_that_is_broken_stop_no_other(site: Site) -> None:
    with web_server() as slow, web_server() as quick, web_server() as poisoned:
        slow.hang = threading.Event()

        def play(world: World) -> tuple[int, int]:
            town = Town(world)
            kinds = ("task.opened",)
            town.robot(slow, *kinds, name="slow")
            town.robot(quick, *kinds, name="quick")
            bad = town.robot(poisoned, *kinds, name="bad")
            for _number in range(3):
                world.complete("grid_leader", world.open(), ACCEPT)
            town.spread()
            with transaction() as db:
                # Somebody with the database in hand broke what the form would have refused.
                db.execute(
                    update(Delivery).where(Delivery.channel_id == bad).values(key="no.such.kind")
                )
            town.work()
            return len(quick.requests), len(slow.requests)

        sent, hanging = site.run(play)
        assert sent >= 3 and hanging == 1
        site.run(lambda world: town_notices(world))
        slow.hang.set()
        recover_channels(site)
        assert len(slow.requests) >= 3
    assert_sound(site)


def town_notices(world: World) -> None:
    """Meanwhile everything in the application arrives."""
    with reading() as db:
        assert not list(db.scalars(select(Outbox.id).where(Outbox.sent_at.is_(None))))


def recover_channels(site: Site) -> None:
    """The round after the server came back, when dead claims have run out."""
    site.world.now += timedelta(minutes=10)
    site.run(lambda world: Town(world).work())
