"""What people may do at the edge: a step that is not recalled, a rung's reach, after the end."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.access import policy
from engine.access.actors import actor_of
from engine.casework import moves
from engine.casework.moves import recalls
from engine.definitions import versions
from engine.errors import Conflict
from engine.models import Case, CaseAccess, Unit
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.engine.casework.moves.conftest import Desk
from tests.engine.casework.moves.test_recall import done
from tests.engine.casework.world import FEEDBACK, HANDLE, RATE, ROOT, TRACK, World

DIAGRAM = "processes/ticket/ticket.bpmn"


@pytest.mark.parametrize("recall", ["true", "false", " FALSE "])
def test_the_diagram_says_whether_a_step_is_recalled(world: World, recall: str) -> None:
    """Of one published with and without it, by a case that follows it."""
    files = dict(versions.read_directory(ROOT)["ticket"])
    step = 'returnTo="dispatch" recall="{}"'
    assert files[DIAGRAM].count(step.format("true").encode()) == 1
    files[DIAGRAM] = files[DIAGRAM].replace(
        step.format("true").encode(), step.format(recall).encode()
    )
    with transaction() as db:
        versions.publish(db, "ticket", files, now=world.now)
    desk = Desk(world)
    world.complete("handler", desk.case_id, HANDLE)
    handle = done(desk, "handle")
    if recall == "true":
        desk.on(handle.id, "handler", moves.recall)
        assert world.open_nodes(desk.case_id) == ["handle"]
        return
    with pytest.raises(Conflict) as refused:
        desk.on(handle.id, "handler", moves.recall)
    assert refused.value.text == recalls.NOT_HERE
    assert world.open_nodes(desk.case_id) == ["track"]


def test_whoever_a_rung_reached_sees_the_case_from_then_on(desk: Desk) -> None:
    """Units that the ladder climbed to have access of their own, from that moment, and once."""
    world, began = desk.world, desk.world.now
    before = _granted(desk)
    for _hour in range(24 * 20):
        world.now += timedelta(hours=1)
        ticks.sweep(world.now)
    reached = {unit for event in world.events(desk.case_id, "escalated") for unit in [_unit(event)]}
    granted = _granted(desk)

    assert reached and before == []
    assert sorted(unit for unit, _at in granted) == sorted(reached)
    first: dict[int, object] = {}
    for event in world.events(desk.case_id, "escalated"):
        first.setdefault(_unit(event), event.at)
    assert dict(granted) == first and min(at for _unit_id, at in granted) > began
    with reading() as db:
        case = db.get_one(Case, desk.case_id)
        units = {unit.id: unit.code for unit in db.scalars(select(Unit))}
        for login in ("department_leader", "county_supervisor", "county_leader"):
            assert policy.can_see(db, actor_of(db, world.logins[login], world.now), case)
        assert {units[one] for one in reached} & {"620725", "620725-ZJJ", "620725-ZZ"}


def _unit(event: object) -> int:
    return int(json.loads(event.data)["unit"])  # type: ignore[attr-defined]


def _granted(desk: Desk) -> list[tuple[int, object]]:
    with reading() as db:
        rows = select(CaseAccess.unit_id, CaseAccess.from_at).where(
            CaseAccess.case_id == desk.case_id, CaseAccess.reason == "supervisor"
        )
        return [tuple(row) for row in db.execute(rows)]  # type: ignore[misc]


def test_a_case_reopened_after_its_end_rings_nothing_at_once(desk: Desk) -> None:
    """Answered in time, reopened after its end: what was left is left, and nothing is overdue."""
    world = desk.world
    desk.sign()
    world.now += timedelta(days=27)
    for login, answers in (
        ("handler", HANDLE),
        ("worker", TRACK),
        ("worker", FEEDBACK),
        ("dispatcher", RATE),
    ):
        world.complete(login, desk.case_id, answers)
    with reading() as db:
        due = db.get_one(Case, desk.case_id).due_at
    assert due is not None and due > world.now
    ticks.sweep(world.now)
    rung = len(world.events(desk.case_id, "escalated"))
    world.now = due + timedelta(days=3)
    assert ticks.sweep(world.now)["fired"] == 0
    desk.on(desk.case_id, "town_leader", moves.reopen, "handle", "又坏了")

    assert ticks.sweep(world.now)["fired"] == 0
    task = desk.task
    assert task.sign_due_at is not None and task.sign_due_at > world.now
    assert len(world.events(desk.case_id, "escalated")) == rung
    with reading() as db:
        case = db.get_one(Case, desk.case_id)
        assert case.closed_at is None and case.due_at is not None and case.due_at > world.now
    assert all(row.fire_at > world.now for row in world.due(desk.case_id))
