"""False escalations are withdrawn together, with a record, and leave the figures."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from engine.casework import recalculation, withdrawals
from engine.errors import Conflict, InvalidInput, NotAllowed
from engine.models import (
    AdminEvent,
    CalendarDay,
    Demand,
    Outbox,
    Setting,
    Tally,
    TallyDelta,
    Task,
    WithdrawnRung,
)
from engine.operations import doctor
from engine.storage.db import reading, transaction
from engine.timing import calendars, recalculation_requests
from engine.worker import ticks
from tests.engine.casework.world import FRIDAY_9AM, World

LATER = FRIDAY_9AM + timedelta(days=12)


@pytest.fixture(autouse=True)
def with_settings(own_settings: None) -> None:
    """Every test has settings of its own."""


def rung(world: World) -> list[int]:
    """Two tickets that fired for days: the calendar had lost a holiday of three weeks."""
    cases = [world.open(), world.open()]
    world.work(LATER)
    world.now = LATER
    return cases


def mend(world: World) -> None:
    """The holiday is put in, and the worker recalculates the open clocks."""
    with transaction() as db:
        days = [date(2026, 11, day) for day in range(20, 31)]
        days += [date(2026, 12, day) for day in range(1, 12)]
        for day in days:
            row = {"day": day.isoformat(), "working": False, "name": "试"}
            db.merge(CalendarDay(calendar="office", **row))
        value = db.get_one(Setting, calendars.KEY).value
        calendars.touch(db, value, world.now)
        recalculation_requests.ask(db, recalculation.CALENDAR, now=world.now)
    ticks.recalculate(world.now + timedelta(minutes=1))


def found(world: World, login: str = "county_supervisor", **more: bool) -> list[int]:
    with reading() as db:
        actor = world.actor(db, login)
        rows = withdrawals.find(db, actor, FRIDAY_9AM, LATER + timedelta(days=1), **more)
        return [one.case.id for one in rows]


def withdraw(world: World, expected: int, login: str = "county_supervisor", **more: bool) -> int:
    with transaction() as db:
        actor = world.actor(db, login)
        until = LATER + timedelta(days=1)
        return withdrawals.withdraw(
            db, actor, FRIDAY_9AM, until, "日历有误", expected=expected, now=world.now, **more
        )


def escalated() -> int:
    with reading() as db:
        deltas = select(func.sum(TallyDelta.amount)).where(TallyDelta.measure == "escalated")
        folded = select(func.sum(Tally.amount)).where(Tally.measure == "escalated")
        return int(db.scalar(deltas) or 0) + int(db.scalar(folded) or 0)


def test_it_withdraws_what_rang_by_a_wrong_calendar_together(world: World) -> None:
    """Counters, heights, notices of supervision and people: put right in one act, on the record."""
    cases = rung(world)
    rang = [one for case in cases for one in world.events(case, "escalated")]
    assert len(rang) > 4 and escalated() == len(rang)
    assert found(world) == []
    mend(world)
    ids = found(world)
    assert sorted(set(ids)) == sorted(cases) and len(ids) == len(rang)

    assert withdraw(world, len(ids)) == len(ids)

    assert escalated() == 0 and found(world, early_only=False) == []
    with reading() as db:
        assert set(db.scalars(select(Task.height).where(Task.done_at.is_(None)))) == {0}
        assert db.scalar(select(func.count(WithdrawnRung.seq))) == len(rang)
        outcomes = set(db.scalars(select(Demand.outcome)))
        assert outcomes <= {"withdrawn"}
        told = db.scalars(select(Outbox.user_id).where(Outbox.key == "escalation.withdrawn"))
        reached = {one for row in rang for one in json.loads(row.data)["reached"]}
        assert reached <= set(told)
        note = db.scalars(
            select(AdminEvent).where(AdminEvent.kind == "escalations.withdrawn")
        ).one()
        assert json.loads(note.data)["rungs"] == len(rang)
    for case in cases:
        (event,) = world.events(case, "escalation.withdrawn")
        assert event.actor_id == world.logins["county_supervisor"]
        assert "日历" not in event.data
    with reading(snapshot=True) as db:
        assert doctor.examine(db, world.now).findings == []


def test_it_withdraws_what_was_shown_or_nothing(world: World) -> None:
    """With a reason, and only the number that was looked at; a second time there is nothing."""
    rung(world)
    mend(world)
    number = len(found(world))
    with pytest.raises(Conflict):
        withdraw(world, number - 1)
    with pytest.raises(InvalidInput), transaction() as db:
        actor = world.actor(db, "county_supervisor")
        withdrawals.withdraw(db, actor, FRIDAY_9AM, LATER, "  ", expected=number, now=world.now)
    withdraw(world, number)
    with pytest.raises(Conflict):
        withdraw(world, 0)


@pytest.mark.parametrize("login", ["county_leader", "handler", "town_leader", "sibling"])
def test_only_a_supervisor_above_what_was_late_withdraws(world: World, login: str) -> None:
    """Not the leader whose unit was late, nor any other: what is told of oneself stays told."""
    rung(world)
    mend(world)
    assert found(world, login) == []
    with pytest.raises((Conflict, NotAllowed)):
        withdraw(world, 1, login)


def test_what_rang_rightly_is_listed_only_when_asked_for(world: World) -> None:
    """The deadline stands where it stood: nothing is offered until all is asked for."""
    rung(world)
    assert found(world) == []
    assert len(found(world, early_only=False)) > 4


def test_what_may_not_be_withdrawn_hides_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rightly late cases come first and fill a page; what rang by mistake is found behind them."""
    monkeypatch.setattr(withdrawals, "MOST", 3)
    monkeypatch.setattr(withdrawals, "AT_A_TIME", 2)
    first, second = rung(world)
    mend(world)
    with transaction() as db:
        # Of the first nothing rang too early: it has its old deadlines.
        for task in db.scalars(select(Task).where(Task.case_id == first)):
            task.opened_at = FRIDAY_9AM - timedelta(days=60)
            task.due_at = None
    assert first < second
    assert found(world) == [second] * 3
