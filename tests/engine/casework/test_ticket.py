"""A grid ticket from report to close, through the use cases, on both databases."""

from __future__ import annotations

import pytest

from engine.casework import answers as answering
from engine.casework import cases
from engine.casework.case_lock import begin, lock_case
from engine.casework.case_work import context_of
from engine.definitions import versions
from engine.errors import Conflict, InvalidInput, NotAllowed
from engine.models import Case, Unit
from engine.records import vault
from engine.storage.db import reading, transaction
from tests.engine.casework.world import (
    ACCEPT,
    DISPATCH,
    FEEDBACK,
    HANDLE,
    RATE,
    TRACK,
    WITHDRAW,
    World,
)


def test_it_settles_on_the_spot(world: World) -> None:
    """即办: recorded and closed by the act of reporting."""
    case_id = world.open(settled="yes", settled_how="当场清理。", photos=[world.photo()])

    assert world.open_nodes(case_id) == []
    assert world.kinds(case_id)[:2] == ["case.opened", "task.completed"]
    assert "case.closed" in world.kinds(case_id)
    assert world.due(case_id) == []


def test_it_goes_to_the_grid_leader_first(world: World) -> None:
    """小事不出村: the village judges before anybody above."""
    case_id = world.open()

    task = world.task(case_id)
    assert (task.node_id, task.role, task.level) == ("accept", "grid_leader", "village")


def test_it_runs_from_report_to_rating(world: World) -> None:
    """Every step in its turn, the department that the triage table names, and the end."""
    case_id = world.open()
    steps = [
        ("grid_leader", "accept", ACCEPT),
        ("dispatcher", "dispatch", DISPATCH),
        ("handler", "handle", HANDLE),
        ("worker", "track", TRACK),
        ("worker", "feedback", FEEDBACK),
        ("dispatcher", "rate", RATE),
    ]
    for login, node, answers in steps:
        assert world.open_nodes(case_id) == [node]
        world.complete(login, case_id, answers)

    assert world.open_nodes(case_id) == []
    assert world.due(case_id) == []
    with reading() as db:
        case = db.get_one(Case, case_id)
        assert case.closed_at is not None
        assert case.number == "山网〔2026〕0001"
        assert set(vault.answers_of(db, case)) >= {node for _, node, _ in steps}


def test_it_goes_to_the_department_of_the_table_with_the_tables_limit(world: World) -> None:
    """Triage names unit and limit; the task keeps both."""
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, DISPATCH)

    task = world.task(case_id)
    with reading() as db:
        assert db.get_one(Unit, task.unit_id).code == "620725-ZJJ"
    assert (task.limit_amount, task.limit_unit, task.limit_source) == (10, "working_days", "triage")


def test_it_falls_to_the_township_where_no_unit_has_the_name(world: World) -> None:
    """The small county has no police bureau: nobody is swallowed, the township gets it."""
    case_id = world.open(category="道路交通", setting="街面道路")
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, DISPATCH)

    with reading() as db:
        assert db.get_one(Unit, world.task(case_id).unit_id).code == "T1"


def test_it_returns_to_the_step_that_the_diagram_allows(world: World) -> None:
    """The handler sends it back to the dispatcher with a reason; nothing else is allowed."""
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, DISPATCH)
    task = world.task(case_id)

    with pytest.raises(NotAllowed), transaction() as db:
        cases.return_task(db, world.actor(db, "handler"), task.id, "rate", "不对", now=world.now)
    with pytest.raises(InvalidInput), transaction() as db:
        cases.return_task(db, world.actor(db, "handler"), task.id, "dispatch", " ", now=world.now)
    with transaction() as db:
        actor = world.actor(db, "handler")
        cases.return_task(db, actor, task.id, "dispatch", "不属于本局职责", now=world.now)

    assert world.open_nodes(case_id) == ["dispatch"]
    assert "task.returned" in world.kinds(case_id)


def test_it_catches_the_messages_that_the_diagram_offers(world: World) -> None:
    """The reporter's withdrawal ends a case while it waits for acceptance, and only then."""
    case_id, later = world.open(), world.open()
    world.complete("grid_leader", later, ACCEPT)

    with pytest.raises(NotAllowed), transaction() as db:
        actor = world.actor(db, "grid_leader")
        cases.send_message(db, actor, case_id, "withdraw", WITHDRAW, now=world.now)
    with transaction() as db:
        actor = world.actor(db, "worker")
        cases.send_message(db, actor, case_id, "withdraw", WITHDRAW, now=world.now)
    with pytest.raises(Conflict), transaction() as db:
        actor = world.actor(db, "worker")
        cases.send_message(db, actor, later, "withdraw", WITHDRAW, now=world.now)

    assert world.open_nodes(case_id) == []
    assert world.events(case_id, "case.closed")[0].data == '{"end":"end_withdrawn"}'
    assert world.open_nodes(later) == ["dispatch"]


def test_it_refuses_a_place_of_another_county(world: World) -> None:
    """A place code that is not in the opener's county is no place."""
    with pytest.raises(InvalidInput):
        world.open(place="110101001001")


def test_it_lets_an_answer_change_the_case_before_the_engine_decides(world: World) -> None:
    """A column that a later form sets counts for the very step that it completes, and stays."""
    case_id = world.open()
    with transaction() as db:
        case = db.get_one(Case, case_id)
        form = versions.load(db, case.version_id).form("ticket/report")
        assert form is not None
        work = begin(db, lock_case(db, case_id), None, "test", now=world.now)
        answering.set_columns(db, work, form, {"category": "供水排水", "place": "V1"})
        step_context = context_of(work)
    assert (step_context.category, step_context.place) == ("供水排水", "V1")
    world.complete("grid_leader", case_id, ACCEPT)

    with reading() as db:
        case = db.get_one(Case, case_id)
        assert (case.category, case.place_name) == ("供水排水", "清泉镇南湖村")
