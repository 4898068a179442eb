"""A holiday is announced, another Sunday is worked: everything that counts working time moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from engine.casework import demands, moves
from engine.casework.demand_seats import NOTICE
from engine.models import CalendarDay, Case, Demand, Due, Event, Participation, Pause, Setting
from engine.operations import doctor
from engine.storage.db import reading, transaction
from engine.timing import calendars, recalculation_requests
from engine.worker import ticks
from engine.worktime import Limit
from tests.engine.casework.test_recalculation import SETTLED, handled, unit_id
from tests.engine.casework.world import ACCEPT, DISPATCH, HANDLE, TRACK, World

# Ten working days after Friday 20 November 2026, with or without the days that change places.
TEN_DAYS = datetime(2026, 12, 4, 10, 0, tzinfo=UTC)
# Every moment of what lies ahead, by kind and mark: when it was, when it is.
Moved = dict[str, tuple[datetime, datetime]]


def announce(world: World, *, off: int | None = None, worked: int | None = None) -> None:
    """Publish a day off and a working day of November or December, and let the worker follow."""
    with transaction() as db:
        for number, working in ((off, False), (worked, True)):
            if number is not None:
                month = 11 if number > 20 else 12
                day = date(2026, month, number).isoformat()
                db.add(CalendarDay(calendar="office", day=day, working=working, name="试"))
        calendars.touch(db, db.get_one(Setting, calendars.KEY).value, world.now)
        recalculation_requests.ask(db, "calendar", now=world.now)
    world.now += SETTLED
    assert ticks.recalculate(world.now)["failed"] == 0


def rows(kind: str, case_id: int) -> list[Due]:
    with reading() as db:
        mine = select(Due).where(Due.kind == kind, Due.case_id == case_id)
        return list(db.scalars(mine.order_by(Due.fire_at)))


def moments(kind: str, case_id: int) -> list[datetime]:
    return [row.fire_at for row in rows(kind, case_id)]


@pytest.fixture(autouse=True)
def well(world: World) -> Iterator[None]:
    """Nothing is missing or off when all is done."""
    yield
    with reading(snapshot=True) as db:
        assert doctor.examine(db, world.now).findings == []


def recounts(case_id: int) -> set[str]:
    """Which clocks the chain says were recalculated by the calendar."""
    with reading() as db:
        mine = select(Event).where(Event.case_id == case_id, Event.kind == "clock.recounted")
        return {
            clock
            for event in db.scalars(mine)
            for clock in ("pause", "help", "notice", "timer", "citizen")
            if f'"clock":"{clock}"' in event.data and '"reason":"calendar"' in event.data
        }


def test_a_warning_moves_though_the_limit_ends_when_it_did(world: World) -> None:
    """Thursday the 3rd is a holiday and Sunday the 29th is worked: four fifths come earlier."""
    case_id = handled(world)
    before = moments("warn", case_id)
    announce(world, off=3, worked=29)

    task = world.task(case_id)
    assert task.due_at == TEN_DAYS and moments("due", case_id) == [TEN_DAYS]
    after = moments("warn", case_id)
    assert before != after and after[0] == task.warn_at
    world.now = TEN_DAYS - timedelta(hours=9)
    world.work(world.now)
    assert moments("warn", case_id) == []


def test_a_warning_of_signing_moves_with_the_office_hours(world: World) -> None:
    """A village that works on Saturday has its four hours then, and its warning."""
    world.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    case_id = world.open()
    before = moments("sign_warn", case_id) + moments("sign_due", case_id)
    announce(world, worked=21)
    after = moments("sign_warn", case_id) + moments("sign_due", case_id)

    assert [one - two for one, two in zip(before, after, strict=True)][-1] == timedelta(days=2)
    task = world.task(case_id)
    assert after == [task.warn_at, task.sign_due_at] and before[0] != after[0]


def test_the_citizens_deadline_moves(world: World) -> None:
    case_id = handled(world)
    before = moments("citizen_due", case_id)
    announce(world, off=2)
    with reading() as db:
        due = db.get_one(Case, case_id).due_at
    assert moments("citizen_due", case_id) == [due] != before
    assert recounts(case_id) == {"citizen"}


def test_a_pause_ends_by_the_new_calendar(world: World) -> None:
    """Ten working days for evidence; the clock goes on when they are over."""
    case_id = handled(world)
    with transaction() as db:
        actor = world.actor(db, "handler")
        moves.suspend(db, actor, world.task(case_id).id, "evidence", "取证。", now=world.now)
    announce(world, off=2)

    with reading() as db:
        limit_at = db.scalars(select(Pause.limit_at)).one()
    assert moments("resume", case_id) == [limit_at] == [TEN_DAYS + timedelta(days=3)]
    world.work(TEN_DAYS)
    assert world.task(case_id).paused_at is not None
    world.work(limit_at)
    assert world.task(case_id).paused_at is None
    assert "pause" in recounts(case_id)
    world.now = limit_at


def test_a_helping_unit_has_its_working_days(world: World) -> None:
    case_id = handled(world)
    with transaction() as db:
        task, actor = world.task(case_id), world.actor(db, "handler")
        three = Limit(3, "working_days")
        moves.ask_help(db, actor, task.id, unit_id("620725-SWJ"), three, "请配合。", now=world.now)
    before = moments("co_due", case_id)
    announce(world, off=24)

    with reading() as db:
        due = db.scalars(select(Participation.due_at)).one()
    assert moments("co_due", case_id) == [due] == [before[0] + timedelta(days=1)]
    assert "help" in recounts(case_id)


def test_an_order_and_what_climbs_from_it_move(world: World) -> None:
    """Two working days to answer; rungs and their first round follow the end."""
    case_id = handled(world)
    with transaction() as db:
        called = world.task(case_id).unit_id
        actor, two = world.actor(db, "county_supervisor"), Limit(2, "working_days")
        demands.issue(
            db, actor, case_id, NOTICE, unit_id=called, words="请说明。", limit=two, now=world.now
        )
    end, rungs = moments("demand_due", case_id)[0], rows("demand_rung", case_id)
    announce(world, off=24)

    with reading() as db:
        due = db.scalars(select(Demand.due_at)).one()
    assert moments("demand_due", case_id) == [due] == [end + timedelta(days=1)]
    after = rows("demand_rung", case_id)
    assert [row.mark for row in after] == [row.mark for row in rungs]
    assert all(new.fire_at > old.fire_at for old, new in zip(rungs, after, strict=True))
    assert "notice" in recounts(case_id)
    # Late: the end has come, only what climbs follows the calendar.
    world.now = due + timedelta(minutes=1)
    world.work(world.now)
    ahead = rows("demand_rung", case_id)
    announce(world, off=26)
    assert all(
        new.fire_at > old.fire_at
        for old, new in zip(ahead, rows("demand_rung", case_id), strict=True)
    )
    with reading() as db:
        assert db.scalars(select(Demand.due_at)).one() == due


def test_a_timer_of_the_diagram_that_counts_working_days_moves(world: World) -> None:
    """Three working days until somebody looks again."""
    case_id = world.open()
    for login, answers in (
        ("grid_leader", ACCEPT),
        ("dispatcher", DISPATCH),
        ("handler", HANDLE),
        ("worker", TRACK | {"track_result": "继续跟踪"}),
    ):
        world.complete(login, case_id, answers)
    (before,) = moments("timer", case_id)
    announce(world, off=24)

    assert moments("timer", case_id) == [before + timedelta(days=1)]
    assert "timer" in recounts(case_id)
    announce(world, worked=21)
    assert moments("timer", case_id)[0] <= before
