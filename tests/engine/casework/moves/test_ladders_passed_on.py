"""A late task handed from unit to unit: each row of its ladder is heard once, whatever happens."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

from bench.simulation.facts import Facts
from engine.casework import background_recalculations, cases, moves
from engine.models import CalendarDay, Case, Setting, Task, Unit
from engine.storage.db import reading, transaction
from engine.timing import calendars, recalculation_requests
from engine.worker import ticks
from tests.engine.casework.moves import retold
from tests.engine.casework.moves.conftest import Desk
from tests.engine.casework.moves.walks import EXPLORING
from tests.engine.casework.world import World
from tests.engine.worktime.test_worktime import SHANGHAI

HOUSING, WATER = "620725-ZJJ", "620725-SWJ"
HOLDERS = {HOUSING: "handler", WATER: "water_handler"}
# So many rounds after the table's last row are waited for.
ROUNDS = 3
# Before, at and after a moment of the ladder, and days on, when several have come.
AROUND = [timedelta(minutes=minutes) for minutes in (-1, 0, 1, 180, 1600, 4321)]


class Passing(NamedTuple):
    """One hand-over: how long after the next moment, and whether the worker comes before it."""

    after: timedelta
    worker: bool


@pytest.fixture
def two_calendars(world: World) -> World:
    """The water bureau never closes, the housing bureau keeps office hours."""
    with transaction() as db:
        uses = {str(unit_of(WATER)): calendars.ALWAYS}
        calendars.touch(db, uses, world.now, calendar="uses")  # type: ignore[arg-type]
    return world


def unit_of(code: str) -> int:
    with reading() as db:
        return db.scalars(select(Unit.id).where(Unit.code == code)).one()


def task_of(desk: Desk) -> Task:
    """The step of handling, whatever else its lateness has opened."""
    return desk.world.task(desk.case_id, "handle")


def pass_on(desk: Desk) -> None:
    """Whoever has it hands it to the one in the other bureau."""
    task = task_of(desk)
    with reading() as db:
        here = db.get_one(Unit, task.unit_id).code
    there = WATER if here == HOUSING else HOUSING
    if task.assignee_id is None:
        desk.on(task.id, HOLDERS[here], cases.sign)
    to = desk.world.logins[HOLDERS[there]]
    desk.on(task.id, HOLDERS[here], moves.transfer, unit_of(there), "属其职责", user_id=to)


def ahead(desk: Desk) -> dict[str, datetime]:
    """The rungs of handling to come."""
    now, task = desk.world.now, task_of(desk)
    mine = (one for one in desk.world.due(desk.case_id) if one.task_id == task.id)
    coming = (one for one in mine if one.kind == "rung" and one.fire_at > now)
    return {one.mark: one.fire_at for one in coming if one.mark.startswith("handle:")}


def citizen(desk: Desk) -> dict[str, datetime]:
    """The rungs of the citizen's clock to come."""
    found = (one for one in desk.world.due(desk.case_id) if one.mark.startswith("citizen:"))
    return {one.mark: one.fire_at for one in found}


def heard(desk: Desk) -> list[dict[str, Any]]:
    """The rungs of its handling that are on record, in their order."""
    task = task_of(desk)
    events = desk.world.events(desk.case_id, "escalated")
    found = (json.loads(one.data) for one in events if one.task_id == task.id)
    return [one for one in found if one["clock"] == "handle"]


def late_desk(world: World) -> tuple[Desk, list[str]]:
    """A ticket that the housing bureau has signed for, at the end of its limit; its rows."""
    desk = Desk(world)
    desk.sign()
    rows = sorted(mark for mark in ahead(desk) if ":again" not in mark)
    due = desk.task.due_at
    assert due is not None
    world.now = due
    ticks.sweep(due)
    return desk, rows


def plans() -> list[list[Passing]]:
    """One hand-over before the worker comes, one there and back, and some drawn by lot."""
    drawn = [Random(seed) for seed in range(30 if EXPLORING else 2)]
    return [
        [Passing(AROUND[2], False)],
        [Passing(AROUND[4], True), Passing(AROUND[0], True)],
        *(
            [Passing(dice.choice(AROUND), dice.random() < 0.5) for _ in range(dice.randint(2, 5))]
            for dice in drawn
        ),
    ]


@pytest.mark.parametrize("passings", plans())
def test_each_rung_is_heard_once(two_calendars: World, passings: list[Passing]) -> None:
    """The rows of the table, then the rounds: none twice, none left out, none in vain."""
    desk, rows = late_desk(two_calendars)
    world, due = desk.world, task_of(desk).due_at
    for after, worker in passings:
        moment = min(ahead(desk).values(), default=world.now)
        world.now = max(moment + after, world.now)
        if worker:
            ticks.sweep(world.now)
        pass_on(desk)
        assert task_of(desk).due_at == due
    ticks.sweep(world.now)
    while coming := ahead(desk):
        world.now = min(coming.values())
        ticks.sweep(world.now)
        if f"handle:again{ROUNDS}" in [one["rung"] for one in heard(desk)]:
            break

    found = heard(desk)
    rounds = [f"handle:again{turn + 1}" for turn in range(len(found) - len(rows))]
    assert len(rounds) >= ROUNDS
    assert sorted(one["rung"] for one in found) == sorted([*rows, *rounds])
    assert not [one for one in found if one.get("moot")]
    with reading() as db:
        case = db.get_one(Case, desk.case_id)
        retold.assert_case_as_told(db, Facts.read(db), case, world.now)


def test_what_the_other_calendar_has_had_already_comes_when_it_was_to(
    two_calendars: World,
) -> None:
    """The housing bureau's rungs wait for Monday; the water bureau had them on the weekend."""
    desk, _rows = late_desk(two_calendars)
    world = desk.world
    world.work(datetime(2026, 12, 6, 20, 0, tzinfo=SHANGHAI))
    waits = ahead(desk)
    pass_on(desk)

    assert waits and ahead(desk) == waits


def test_what_has_rung_does_not_ring_again_by_a_slower_calendar(two_calendars: World) -> None:
    """Late and rung in the water bureau on a Saturday; Monday is not for the same rungs again."""
    desk, world = Desk(two_calendars), two_calendars
    desk.sign()
    pass_on(desk)
    world.now = min(ahead(desk).values())
    ticks.sweep(world.now)
    world.now += timedelta(hours=5)
    ticks.sweep(world.now)
    rung = [one["rung"] for one in heard(desk)]
    pass_on(desk)

    assert len(rung) > 1 and not set(rung) & set(ahead(desk))


@pytest.mark.parametrize("clock", ["handle", "citizen"])
def test_a_rung_goes_to_the_next_day_that_is_worked(desk: Desk, clock: str) -> None:
    """The notice of a holiday is imported while its end stays: nothing rings on that day."""
    desk.sign()
    world, due = desk.world, desk.task.due_at
    assert due is not None
    world.work(due)
    of_clock = {"handle": ahead, "citizen": citizen}[clock]
    before = of_clock(desk)
    first = min(before.values()).astimezone(SHANGHAI).date()
    with transaction() as db:
        db.add(CalendarDay(calendar="office", day=first.isoformat(), working=False, name="试"))
        calendars.touch(db, db.get_one(Setting, calendars.KEY).value, world.now)
        recalculation_requests.ask(db, "calendar", now=world.now)
    world.now += background_recalculations.SETTLE + timedelta(seconds=1)
    ticks.recalculate(world.now)
    ticks.recalculate(world.now)

    days = {mark: at.astimezone(SHANGHAI).date() for mark, at in of_clock(desk).items()}
    assert set(days) == set(before)
    assert first not in days.values()
