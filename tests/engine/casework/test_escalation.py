"""A frozen ticket climbs the table's rungs: each once, at its hour, whatever dies meanwhile."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from engine import org
from engine.casework import cases, moves
from engine.models import Due, Notice, Outbox, Post, Task
from engine.records import anchors
from engine.storage.db import db as database_object
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.engine.casework.world import ACCEPT, DISPATCH, FRIDAY_9AM, World
from tests.tally_totals import totals

# Accept is to be signed for within 4 working hours of Friday 09:00: by 15:30 that day.
SIGN_DUE = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
MONDAY_CLOSE = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TUESDAY_OPEN = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)


def rungs(world: World, case_id: int) -> list[dict[str, object]]:
    """What the case's chain says of its escalations."""
    return [json.loads(event.data) for event in world.events(case_id, "escalated")]


def test_it_arms_the_sign_clock_by_office_hours(world: World) -> None:
    """Four working hours from Friday 09:00 skip the noon break and end at 15:30."""
    case_id = world.open()

    due = {row.kind: row.fire_at for row in world.due(case_id) if row.kind != "rung"}
    assert due["sign_due"] == SIGN_DUE


def test_it_fires_nothing_early(world: World) -> None:
    """A minute before, nothing; at the minute, once; a second sweep adds nothing."""
    case_id = world.open()
    before = len(world.kinds(case_id))

    world.work(SIGN_DUE - timedelta(minutes=1))
    assert "clock.expired" not in world.kinds(case_id)
    world.work(SIGN_DUE)
    world.work(SIGN_DUE)

    assert world.kinds(case_id).count("clock.expired") == 1
    assert len(world.kinds(case_id)) > before


def test_it_reaches_township_and_county_once_each_at_the_tables_hour(world: World) -> None:
    """Hour by hour over two weeks: every rung has its own row, its hour, its rule."""
    case_id = world.open()
    planned = [row for row in world.due(case_id) if row.mark.startswith("sign:")]
    now = FRIDAY_9AM
    while now < FRIDAY_9AM + timedelta(days=14):
        now += timedelta(hours=1)
        ticks.sweep(now)

    fired = rungs(world, case_id)
    levels = Counter(rung["unit_name"] for rung in fired if rung["clock"] == "sign")
    assert planned and len({(rung["clock"], rung["rung"]) for rung in fired}) == len(fired)
    assert any("清泉镇" in str(name) for name in levels)
    assert any("山丹县" in str(name) for name in levels)
    for row in planned:
        (rung,) = [one for one in fired if one["rung"] == row.mark and one["clock"] == "sign"]
        assert rung["due"] == row.fire_at.isoformat()
        assert rung["rule"] == row.data["rule"]


def test_it_starts_the_handling_clock_when_nobody_signs(world: World) -> None:
    """The limit for signing has passed: handling runs from that minute, not from signing."""
    case_id = world.open()
    world.work(SIGN_DUE + timedelta(hours=1))

    task = world.task(case_id)
    assert task.started_at == SIGN_DUE
    assert task.deadline_at == SIGN_DUE
    assert task.due_at == MONDAY_CLOSE


def test_it_changes_nothing_how_late_the_worker_comes(world: World) -> None:
    """No worker until Tuesday evening, when the unsigned task is done already: handling ran from
    Friday and was over on Monday all the same, and every rung until then is on the record."""
    case_id = world.open()
    world.now = MONDAY_CLOSE + timedelta(days=1)
    world.complete("grid_leader", case_id, ACCEPT)
    ticks.sweep(world.now)

    handled = [rung for rung in rungs(world, case_id) if rung["clock"] == "handle"]
    assert handled[0]["since"] == MONDAY_CLOSE.isoformat()
    assert handled[0]["due"] == TUESDAY_OPEN.isoformat()
    assert {rung["moot"] for rung in handled} == {"done"}


def test_it_starts_handling_before_anything_else_changes_the_limit(world: World) -> None:
    """Re-triage meets a sign-for limit that passed before the worker came: Friday 15:30 stays."""
    case_id = world.open()
    world.now = SIGN_DUE + timedelta(minutes=20)
    with transaction() as db:
        leader = world.actor(db, "county_leader")
        moves.reclassify(db, leader, case_id, {"priority": "紧急"}, "有危险", now=world.now)

    # An urgent case has an hour to be accepted in, by the clock.
    task = world.task(case_id)
    assert (task.started_at, task.due_at) == (SIGN_DUE, SIGN_DUE + timedelta(hours=1))


def test_it_skips_a_vacant_post_upward_and_says_so(world: World) -> None:
    """Without a supervisor in the township the county's gets the rung; the skip is recorded."""
    case_id = world.open()
    with transaction() as db:
        for role in ("leader", "supervisor"):
            post = db.scalars(
                select(Post).where(Post.user_id == world.logins[f"town_{role}"])
            ).one()
            org.vacate_post(db, None, post, now=world.now)
    ticks.sweep(FRIDAY_9AM + timedelta(days=10))

    skipped = [rung for rung in rungs(world, case_id) if rung["skipped"]]
    assert skipped
    assert {skip["reason"] for rung in skipped for skip in rung["skipped"]} >= {"vacant"}  # type: ignore[attr-defined]


def test_it_tells_people_through_the_outbox_once(world: World) -> None:
    """Every message has one cause; a second delivery adds no notice."""
    world.open()
    world.work(FRIDAY_9AM + timedelta(days=5))
    world.work(FRIDAY_9AM + timedelta(days=5))

    with reading() as db:
        assert db.scalars(select(Outbox.id).where(Outbox.sent_at.is_(None))).all() == []
        pairs = db.execute(select(Notice.user_id, Notice.outbox_id)).all()
    assert pairs and len(set(pairs)) == len(pairs)


def test_it_puts_off_a_poisoned_case_and_serves_the_others(world: World) -> None:
    """One case whose state cannot be read blocks nobody."""
    poisoned, healthy = world.open(), world.open()
    with transaction() as db:
        db.execute(
            Due.__table__.update()
            .where(Due.case_id == poisoned, Due.kind == "rung")
            .values(data={"act": "nothing such"})
        )
    report = ticks.sweep(FRIDAY_9AM + timedelta(days=10))

    assert report["failed"] > 0
    assert rungs(world, healthy)
    assert any(row.failures for row in world.due(poisoned))


@pytest.mark.slow
def test_it_fires_once_though_killed_between_any_two_statements(world: World) -> None:
    """kill -9 before the first statement, the second, ... until a child lives to the end.

    Three cases share transactions: whoever dies takes back what all of them did.
    """
    case_ids = [world.open() for _ in range(3)]
    now = FRIDAY_9AM + timedelta(days=10)
    statement = 0
    while _killed_at(statement, now):
        statement += 1
        assert statement < 500
    ticks.sweep(now)

    assert statement > 10
    for case_id in case_ids:
        fired = [(rung["clock"], rung["rung"]) for rung in rungs(world, case_id)]
        assert fired and len(set(fired)) == len(fired)
        assert world.kinds(case_id).count("clock.expired") == 2
    with reading() as db:
        assert anchors.verify(db) == []
        assert db.scalars(select(Due.id).where(Due.fire_at <= now)).all() == []
        causes = db.scalars(select(Outbox.cause)).all()
        assert len(set(causes)) == len(causes)


def test_it_fires_once_with_two_workers(world: World) -> None:
    """Two processes sweep the same rows; every rung is there once."""
    case_ids = [world.open() for _ in range(5)]
    now = FRIDAY_9AM + timedelta(days=10)
    children = [_sweeping_child(now) for _ in range(2)]
    for child in children:
        assert os.waitpid(child, 0)[1] == 0
    ticks.sweep(now)

    for case_id in case_ids:
        fired = [(rung["clock"], rung["rung"]) for rung in rungs(world, case_id)]
        assert fired and len(set(fired)) == len(fired)
        assert world.kinds(case_id).count("clock.expired") == 2
    with reading() as db:
        assert db.scalars(select(Task.id).where(Task.done_at.is_(None))).all()
        assert anchors.verify(db) == []


def _killed_at(statement: int, now: datetime) -> bool:
    """Sweep in a child that is killed before its n-th statement; False if it lived."""
    child = os.fork()
    if child == 0:
        _die_before(statement)
        ticks.sweep(now)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _sweeping_child(now: datetime) -> int:
    child = os.fork()
    if child == 0:
        try:
            database_object.engine.dispose(close=False)
            ticks.sweep(now)
            os._exit(0)
        except BaseException:
            os._exit(1)
    return child


def _die_before(statement: int) -> None:
    """Count statements and commits; at the n-th, SIGKILL: nothing is closed or rolled back."""
    database_object.engine.dispose(close=False)
    left = [statement]

    def count(*_ignored: object) -> None:
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1

    event.listen(database_object.engine, "before_cursor_execute", count)
    event.listen(database_object.engine, "commit", count)


def test_it_climbs_the_citizens_ladder_too(world: World) -> None:
    """The citizen's clock belongs to no task: its rungs tell whoever works on the case now."""
    case_id = world.open()
    report = ticks.sweep(FRIDAY_9AM + timedelta(days=60))

    citizen = [rung for rung in rungs(world, case_id) if rung["clock"] == "citizen"]
    assert report["failed"] == 0
    assert {rung["act"] for rung in citizen} >= {"supervise"}
    assert not [row for row in world.due(case_id) if row.failures]


def acting(case_id: int, mark: str, act: str) -> None:
    """Let one rung do something else than the shipped table says."""
    with transaction() as db:
        row = db.scalars(select(Due).where(Due.case_id == case_id, Due.mark == mark)).one()
        row.data = {**row.data, "act": act}


def told(world: World, key: str) -> set[int]:
    """Who has been told of something."""
    with reading() as db:
        return set(db.scalars(select(Notice.user_id).where(Notice.key == key)))


def test_it_takes_a_task_from_who_sits_on_it_and_tells_everybody_concerned(world: World) -> None:
    """Back to the queue in the unit's own counters; the holder, the queue and the leader hear."""
    case_id = world.open()
    task = world.task(case_id)
    with transaction() as db:
        cases.sign(db, world.actor(db, "grid_leader"), task.id, now=world.now)
    first = next(row for row in world.due(case_id) if row.mark == "handle:0")
    acting(case_id, first.mark, "reassign")
    world.work(first.fire_at)

    after = world.task(case_id)
    assert (after.assignee_id, after.signed_at) == (None, None)
    assert after.due_at == after.deadline_at is not None
    (rung,) = [one for one in rungs(world, case_id) if one["rung"] == "handle:0"]
    assert rung["taken"] == world.logins["grid_leader"]
    assert told(world, "task.taken") == {world.logins["grid_leader"]}
    assert world.logins["grid_leader"] in told(world, "task.opened")
    assert told(world, "case.reassigned") == set(rung["reached"])  # type: ignore[call-overload]
    with reading() as db:
        counted = totals(db, [after.unit_id])
    assert counted[after.unit_id, "ticket", "waiting"] == 1
    assert counted[after.unit_id, "ticket", "handling"] == 0


def test_it_takes_nothing_where_nobody_has_signed(world: World) -> None:
    """The rung climbs all the same, and does not say that something was taken."""
    case_id = world.open()
    first = next(row for row in world.due(case_id) if row.mark == "sign:0")
    acting(case_id, first.mark, "reassign")
    world.work(first.fire_at)

    (rung,) = rungs(world, case_id)
    assert rung["taken"] is None and rung["reached"]
    assert told(world, "case.reassigned") == told(world, "task.taken") == set()
    assert told(world, "case.escalated") == set(rung["reached"])  # type: ignore[call-overload]


def test_the_diagram_catches_what_a_rung_throws(world: World) -> None:
    """An urgent ticket that nobody handles: its ladder throws, and the supervision step opens."""
    case_id = world.open(danger="yes", danger_note="请当心")
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, DISPATCH)
    world.work(FRIDAY_9AM + timedelta(days=10))

    thrown = [one["thrown"] for one in rungs(world, case_id) if one["act"] == "escalate"]
    assert "caught" in thrown
    assert "supervise" in world.open_nodes(case_id)
