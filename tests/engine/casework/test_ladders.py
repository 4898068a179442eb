"""Ladders reach somebody above whoever is late, and none of them ends in silence."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import org, settings
from engine.casework import cases
from engine.models import Demand, Due, Notice, Post, Recalculation, Task, Unit, User, new_id
from engine.operations import doctor
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.engine.casework.world import ACCEPT, DISPATCH, FRIDAY_9AM, World

SIGN_DUE = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def rungs(world: World, case_id: int) -> list[dict[str, Any]]:
    return [json.loads(event.data) for event in world.events(case_id, "escalated")]


def live(world: World, until: datetime, step: timedelta = timedelta(hours=6)) -> None:
    """Let the worker come by until a moment."""
    while world.now < until:
        world.now += step
        ticks.sweep(world.now)
        ticks.deliver(world.now)


def sit(world: World, login: str, code: str, role: str) -> None:
    with transaction() as db:
        unit = db.scalars(select(Unit).where(Unit.code == code)).one()
        user = db.get_one(User, world.logins[login])
        org.create_post(db, None, unit=unit, role=role, user=user, now=world.now)


def leave(world: World, code: str, role: str) -> None:
    with transaction() as db:
        post = db.scalars(select(Post).join(Unit).where(Unit.code == code, Post.role == role)).one()
        org.vacate_post(db, None, post, now=world.now)


def told(world: World, login: str, *keys: str) -> list[str]:
    with reading() as db:
        mine = select(Notice.key).where(Notice.user_id == world.logins[login])
        return list(db.scalars(mine.where(Notice.key.in_(keys))))


UPWARD = ("case.escalated", "case.supervised")


def test_nobody_hears_of_himself(world: World) -> None:
    """The village's grid leader leads the township as well: his own lateness goes past him."""
    leave(world, "T1", "leader")
    sit(world, "grid_leader", "T1", "leader")
    case_id = world.open()
    live(world, FRIDAY_9AM + 9 * DAY)

    assert told(world, "grid_leader", *UPWARD) == []
    passed = [one for rung in rungs(world, case_id) for one in rung["skipped"]]
    assert "own" in {one["reason"] for one in passed}
    late = world.logins["grid_leader"]
    assert not [rung for rung in rungs(world, case_id) if late in rung["reached"]]


def test_who_stands_in_for_the_late_one_is_passed_by_too(world: World) -> None:
    """A deputy acts for the one that is late: being late is theirs as well."""
    case_id = world.open()
    with transaction() as db:
        cases.sign(db, world.actor(db, "grid_leader"), world.task(case_id).id, now=world.now)
        post = db.scalars(
            select(Post).join(Unit).where(Unit.code == "V1", Post.role == "grid_leader")
        ).one()
        user = db.get_one(User, world.logins["town_leader"])
        end = world.now + 90 * DAY
        org.create_deputy(
            db, None, post=post, user=user, from_at=world.now, until_at=end, now=world.now
        )
    live(world, FRIDAY_9AM + 9 * DAY)
    assert told(world, "town_leader", *UPWARD) == []
    assert told(world, "county_leader", *UPWARD)


def test_a_notice_comes_from_another_unit_above(world: World) -> None:
    """A township's own task is late: its leader is told, the notices come from the county."""
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    live(world, FRIDAY_9AM + 20 * DAY)

    with reading() as db:
        rows = db.scalars(select(Demand).where(Demand.case_id == case_id)).all()
        pairs = {(row.unit.code, row.issuer.code) for row in rows}
        assert all(org.stands_over(row.issuer, row.unit) for row in rows)
    assert pairs and all(unit != issuer for unit, issuer in pairs)


def test_with_nobody_above_the_county_leader_hears(world: World) -> None:
    """No supervisor anywhere: the rungs for one reach the leader of the county, and say so."""
    leave(world, "T1", "supervisor")
    leave(world, "620725", "supervisor")
    case_id = world.open()
    live(world, FRIDAY_9AM + 9 * DAY)

    meant = [one for one in rungs(world, case_id) if one["role"] == "supervisor"]
    meant = [one for one in meant if "moot" not in one]
    assert meant and {one.get("reached_role") for one in meant} == {"leader"}
    assert {one["unit_name"] for one in meant} == {"山丹县"}
    assert {user for one in meant for user in one["reached"]} == {world.logins["county_leader"]}


def test_where_the_city_handles_its_leader_hears_in_the_end(
    world: World, own_settings: None
) -> None:
    """A ladder from a village goes past the county then, level by level, and says where it was."""
    settings.use(replace(settings.current(), levels=("city", "county", "township", "village")))
    sit(world, "sibling", "6207", "leader")
    sit(world, "colleague", "6207", "supervisor")
    case_id = world.open()
    live(world, FRIDAY_9AM + 30 * DAY)

    heard = [one for one in rungs(world, case_id) if "moot" not in one]
    reached = list(dict.fromkeys(one["level"] for one in heard))
    assert reached == ["township", "county", "city"]
    rounds = [one for one in heard if one["clock"] == "sign" and "again" in one]
    assert rounds[-1]["unit_name"] == "张掖市"
    with reading() as db:
        heights = select(Task.height).where(Task.case_id == case_id, Task.done_at.is_(None))
        assert set(db.scalars(heights)) == {4}


@pytest.mark.parametrize("danger", ["no", "yes"], ids=["usual", "urgent"])
def test_no_ladder_ends_in_silence(world: World, danger: str) -> None:
    """Two months without a stroke: there is always a next rung, and the county leader hears."""
    case_id = world.open(danger=danger, danger_note="请当心" if danger == "yes" else None)
    for week in range(9):
        live(world, FRIDAY_9AM + (week + 1) * 7 * DAY)
        task_id = world.task(case_id).id
        coming = [row for row in world.due(case_id) if row.kind == "rung"]
        assert any(row.task_id == task_id and row.fire_at > world.now for row in coming)
        heard = told(world, "county_leader", *UPWARD)
        assert len(heard) >= week
    with reading() as db:
        assert not [one for one in doctor.examine(db, world.now).findings if one.kind == "silent"]
    fired = Counter((one["clock"], one["rung"]) for one in rungs(world, case_id))
    assert max(fired.values()) == 1


def test_rounds_go_one_level_up_each_and_then_on_at_the_top(world: World) -> None:
    """Every second working day upward, then every fifth at the top, by the table's rhythm."""
    case_id = world.open()
    live(world, FRIDAY_9AM + 40 * DAY)
    rounds = [one for one in rungs(world, case_id) if one["clock"] == "sign" and "again" in one]

    assert [one["again"] for one in rounds] == list(range(1, len(rounds) + 1))
    assert len(rounds) >= 3
    assert {one["rule"] for one in rounds} == {2}
    moments = [datetime.fromisoformat(one["due"]) for one in rounds]
    gaps = {(b - a).days for a, b in zip(moments, moments[1:], strict=False)}
    assert gaps == {7}  # Monday to Monday, as five working days are a week without holidays


def test_an_unsigned_task_has_one_ladder(world: World) -> None:
    """Both limits are long past: only the sign-for clock tells anybody above."""
    case_id = world.open()
    live(world, FRIDAY_9AM + 12 * DAY)
    handled = [one for one in rungs(world, case_id) if one["clock"] == "handle"]

    assert handled
    assert {one.get("moot") for one in handled if one["act"] != "escalate"} == {"unsigned"}


def test_rungs_of_one_hour_are_one_notice(world: World) -> None:
    """The worker was away for a month: who stands above hears once of the task, not ten times."""
    world.open()
    world.now += 30 * DAY
    ticks.sweep(world.now)
    ticks.deliver(world.now)

    with reading() as db:
        pairs = db.execute(select(Notice.user_id, Notice.case_id).where(Notice.key.in_(UPWARD)))
        counted = Counter(pairs.tuples())
    assert counted and max(counted.values()) == 1


def test_nothing_rings_at_closing_time_but_what_is_urgent(world: World) -> None:
    """A limit ends as the office closes; the leader is told as it opens again."""
    case_id = world.open()
    with transaction() as db:
        task = world.task(case_id)
        cases.sign(db, world.actor(db, "grid_leader"), task.id, now=world.now)
    live(world, FRIDAY_9AM + 9 * DAY)
    moments = [datetime.fromisoformat(one["due"]) for one in rungs(world, case_id)]
    closing = [one for one in moments if (one.hour, one.minute) in ((4, 0), (10, 0))]
    assert moments and closing == []


@pytest.mark.parametrize("away", [timedelta(0), DAY], ids=["at-once", "signing-passed-meanwhile"])
def test_a_clock_of_an_older_release_gets_its_next_rung(world: World, away: timedelta) -> None:
    """Ladders that were armed before there were rounds go on after one recount.

    Also where the limit for signing passed while nobody worked: the recount starts handling,
    which has rounds of its own, and those of signing are still missing.
    """
    case_id = world.open()
    with transaction() as db:
        db.execute(Due.__table__.delete().where(Due.mark.contains(":again")))
    world.now += away
    with reading() as db:
        assert [one for one in doctor.examine(db, world.now).findings if one.kind == "silent"]
    with transaction() as db:
        db.add(Recalculation(id=new_id(), reason="calendar", at=world.now))
    with reading() as db:
        # What a recount is still to arm is not missing.
        assert not [one for one in doctor.examine(db, world.now).findings if one.kind == "silent"]
    ticks.recalculate(world.now + timedelta(minutes=1))

    with reading() as db:
        assert not [one for one in doctor.examine(db, world.now).findings if one.kind == "silent"]
    marks = [row.mark for row in world.due(case_id) if row.kind == "rung"]
    assert len(marks) == len(set(marks))
    assert [mark for mark in marks if mark.startswith("sign:again")]


def test_the_office_of_a_department_hears_of_its_own_handlers(world: World) -> None:
    """A department's leader stands above its handler; the notices come from the county."""
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, DISPATCH)
    node = world.task(case_id)
    live(world, FRIDAY_9AM + 20 * DAY)

    with reading() as db:
        late = db.get_one(Unit, node.unit_id)
        assert late.code == "620725-ZJJ"
        issued = db.scalars(select(Demand).where(Demand.case_id == case_id)).all()
        assert {row.issuer.code for row in issued} <= {"620725", "620725-ZZ"}
    assert told(world, "department_leader", *UPWARD)
