"""Limits that change in mid-course: emergencies, re-triage, calendars, a new table. Time stays."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.casework import background_recalculations, cases, moves
from engine.definitions import versions
from engine.errors import Conflict, InvalidInput, NotFound
from engine.models import AdminEvent, CalendarDay, Case, Recalculation, Setting, Task, Unit
from engine.storage.db import reading, transaction
from engine.timing import calendars, emergencies, recalculation_requests
from engine.timing.emergencies import Override
from engine.worker import ticks
from engine.worktime import Limit
from tests.engine.casework.world import ACCEPT, DISPATCH, FRIDAY_9AM, World

ROOT = Path(__file__).resolve().parents[3]
# Ten working days from Friday the 20th, and half of them.
TEN_DAYS = datetime(2026, 12, 4, 10, 0, tzinfo=UTC)
FIVE_DAYS = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
SETTLED = background_recalculations.SETTLE + timedelta(seconds=1)


def handled(world: World) -> int:
    """A ticket that the housing bureau has signed for: ten working days by the triage table."""
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, DISPATCH)
    with transaction() as db:
        task = world.task(case_id)
        cases.sign(db, world.actor(db, "handler"), task.id, now=world.now)
    return case_id


def unit_id(code: str) -> int:
    with reading() as db:
        return db.scalars(select(Unit.id).where(Unit.code == code)).one()


def switch(world: World, on: bool, login: str = "county_leader", **values: Any) -> None:
    with transaction() as db:
        actor = world.actor(db, login)
        reason = values.pop("reason", "防汛")
        where = unit_id(values.pop("where", "620725"))
        if on:
            values.setdefault("factor", 50)
            emergencies.switch_on(db, actor, where, reason=reason, now=world.now, **values)
        else:
            emergencies.switch_off(db, actor, where, reason=reason, now=world.now)


def recount(world: World) -> dict[str, int]:
    world.now += SETTLED
    return ticks.recalculate(world.now)


def test_it_says_which_row_of_which_table_gave_the_limit(world: World) -> None:
    """The task keeps table, row and version; a step's own limit says so, too."""
    case_id = world.open()
    own = world.task(case_id)
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, DISPATCH)

    assert own.limit_by == {"source": "task"}
    by = world.task(case_id).limit_by
    assert by is not None
    assert (by["source"], by["table"], by["version"]) == ("triage", "ticket_limit", 1)
    assert by["rules"] and isinstance(by["rules"][0], int)


def test_it_shortens_and_gives_back(world: World) -> None:
    """Half of ten days while the emergency is on; the ten days again, from the same start."""
    case_id = handled(world)
    switch(world, True)
    recount(world)
    shortened = world.task(case_id)
    switch(world, False)
    recount(world)
    given_back = world.task(case_id)

    assert (shortened.due_at, shortened.limit_source) == (FIVE_DAYS, "emergency")
    assert shortened.limit_by is not None
    assert shortened.limit_by["instead"]["source"] == "triage"
    assert shortened.limit_by["factor"] == 50
    assert (given_back.due_at, given_back.limit_source) == (TEN_DAYS, "triage")
    due = {row.kind: row.fire_at for row in world.due(case_id) if row.task_id == given_back.id}
    assert due["due"] == TEN_DAYS
    told = [json.loads(event.data)["reason"] for event in world.events(case_id, "clock.recounted")]
    # The promise of its category, when it was sorted.
    assert told == ["triage", "emergency", "emergency"]


def test_it_opens_tasks_under_the_profile_of_their_unit(world: World) -> None:
    """Explicit limits go before the factor; a sibling township's profile changes nothing."""
    limit = Override(Limit(1, "working_hours"), "ticket", "accept")
    switch(world, True, where="T1", overrides=[limit], factor=100, login="town_leader")
    inside = world.task(world.open())
    switch(world, False, where="T1", login="town_leader")
    outside = world.task(world.open())

    assert (inside.limit_amount, inside.limit_unit) == (1, "working_hours")
    assert outside.limit_source == "task"


def test_it_lets_nobody_but_leaders_switch(world: World) -> None:
    """Who does not lead the unit finds nothing; a reason and an effect are asked for."""
    for login in ("county_supervisor", "town_leader", "handler"):
        with pytest.raises(NotFound):
            switch(world, True, login=login)
    for wrong in ({"reason": " "}, {"factor": 0}, {"factor": 100}):
        with pytest.raises(InvalidInput):
            switch(world, True, **wrong)
    switch(world, True)
    with pytest.raises(Conflict):
        switch(world, True)
    switch(world, False)
    with pytest.raises(Conflict):
        switch(world, False)
    with reading() as db:
        ours = AdminEvent.kind.like("emergency.%")
        kinds = db.scalars(select(AdminEvent.kind).where(ours).order_by(AdminEvent.seq))
        assert list(kinds) == ["emergency.on", "emergency.off"]


def test_it_ends_a_limit_that_is_used_up_at_the_change(world: World) -> None:
    """Six days in, ten become five: due now, with the whole ladder from now on, not at once."""
    case_id = handled(world)
    world.now = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
    switch(world, True)
    recount(world)
    task = world.task(case_id)
    assert task.due_at == task.floor_at == world.now
    ticks.sweep(world.now)

    fired = [json.loads(event.data) for event in world.events(case_id, "escalated")]
    rungs = [row for row in world.due(case_id) if row.mark.startswith("handle:")]
    assert [one["due"] for one in fired if one["clock"] == "handle"] == [world.now.isoformat()]
    assert rungs and all(row.fire_at > world.now for row in rungs)
    switch(world, False)
    recount(world)
    assert world.task(case_id).due_at == TEN_DAYS


def test_it_reckons_a_new_category_from_the_same_start(world: World) -> None:
    """The case's own table is asked again; elapsed days count, and the reason is on record."""
    case_id = handled(world)
    world.now += timedelta(days=3)
    with transaction() as db:
        actor = world.actor(db, "county_supervisor")
        values = {"category": "道路交通", "priority": "紧急"}
        moves.reclassify(db, actor, case_id, values, "现场核实", now=world.now)

    task = world.task(case_id)
    with reading() as db:
        case = db.get_one(Case, case_id)
    assert (case.category, case.priority) == ("道路交通", "紧急")
    assert (task.limit_amount, task.limit_unit) == (case.limit_amount, case.limit_unit)
    assert (task.limit_amount, task.limit_unit) != (10, "working_days")
    assert task.started_at == FRIDAY_9AM
    (event,) = world.events(case_id, "case.reclassified")
    assert json.loads(event.data)["was"] == {"category": "住房物业", "priority": "一般"}
    rungs = [row for row in world.due(case_id) if row.mark.startswith("handle:")]
    rules = {row.data["rule"] for row in rungs}
    assert 23 in rules and 20 not in rules
    with pytest.raises(Conflict), transaction() as db:
        actor = world.actor(db, "county_supervisor")
        moves.reclassify(db, actor, case_id, values, "再来一次", now=world.now)


def test_it_reckons_open_clocks_anew_when_a_year_is_published(world: World) -> None:
    """A holiday that turns up in the calendar moves deadlines; the worker does it, once."""
    case_id = handled(world)
    with transaction() as db:
        for day in (23, 24):
            day_off = date(2026, 11, day).isoformat()
            db.add(CalendarDay(calendar="office", day=day_off, working=False, name="试"))
        value = db.get_one(Setting, calendars.KEY).value
        calendars.touch(db, value, world.now)
        recalculation_requests.ask(db, "calendar", now=world.now)
    assert ticks.recalculate(world.now)["recounted"] == 0
    recount(world)
    recount(world)

    assert world.task(case_id).due_at == TEN_DAYS + timedelta(days=4)
    kinds = world.kinds(case_id)
    # The promise of its category, when it was sorted; then the task's, and that promise again,
    # which rests on the same days.
    assert kinds.count("clock.recounted") == 3
    with reading() as db:
        assert db.scalars(select(Recalculation.done_at)).one() is not None


def test_it_keeps_the_rungs_of_the_tables_version_until_asked(world: World) -> None:
    """A new table holds for clocks that start; re-arming brings the open ones along."""
    case_id = handled(world)
    files = versions.read_directory(ROOT)[versions.ESCALATION]
    changed = {
        path: data.replace(b"<text>6</text>", b"<text>9</text>") for path, data in files.items()
    }
    with transaction() as db:
        versions.publish(db, versions.ESCALATION, changed, now=world.now)
    world.now += timedelta(hours=1)
    with transaction() as db:
        task = world.task(case_id)
        actor = world.actor(db, "handler")
        moves.suspend(db, actor, task.id, "evidence", "取证", now=world.now)
    with transaction() as db:
        moves.resume(db, world.actor(db, "handler"), task.id, now=world.now)
    assert numbers(world, case_id) == {1}
    with transaction() as db:
        background_recalculations.rearm_open(db, None, now=world.now)
    recount(world)

    assert numbers(world, case_id) == {2}


def numbers(world: World, case_id: int) -> set[int]:
    """Versions of the table that the rungs to come were decided by."""
    return {row.data["number"] for row in world.due(case_id) if row.kind == "rung"}


def test_it_works_by_the_calendar_of_the_unit(world: World) -> None:
    """A village that never closes has no night: four working hours from Friday 17:00."""
    world.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    office = world.task(world.open())
    with transaction() as db:
        uses = {str(unit_id("V1")): calendars.ALWAYS}
        calendars.touch(db, uses, world.now, calendar="uses")  # type: ignore[arg-type]
    never_closed = world.task(world.open())

    assert office.sign_due_at == datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
    assert never_closed.sign_due_at == datetime(2026, 11, 20, 13, 0, tzinfo=UTC)


def test_it_records_what_came_due_before_somebody_acted(world: World) -> None:
    """The worker was down: signing late does not undo that the limit had passed."""
    case_id = world.open()
    late = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    world.now = late
    with transaction() as db:
        task = world.task(case_id)
        cases.sign(db, world.actor(db, "grid_leader"), task.id, now=late)
    signed = world.task(case_id)
    world.complete("grid_leader", case_id, ACCEPT)
    ticks.sweep(late)

    assert signed.started_at == signed.sign_due_at
    expired = [json.loads(one.data)["clock"] for one in world.events(case_id, "clock.expired")]
    fired = [json.loads(one.data) for one in world.events(case_id, "escalated")]
    assert expired == ["sign"]
    assert [(one["clock"], one["moot"]) for one in fired] == [("sign", "done")]
    with reading() as db:
        assert db.get_one(Task, task.id).done_at is not None
