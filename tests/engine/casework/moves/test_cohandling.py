"""Co-handling: several units under one task, each with its own clock and answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.access import policy
from engine.casework import moves
from engine.casework.moves import cohandling
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.models import Case, Participation, Task, VaultRow
from engine.records import anchors, answer_history
from engine.storage.db import reading
from engine.worktime import Limit
from tests.engine.casework.moves.claims import assert_whole
from tests.engine.casework.moves.conftest import Desk
from tests.engine.casework.moves.test_reassignment import notices, offered, unit_id
from tests.engine.casework.world import ACCEPT, DISPATCH, HANDLE, World

TWO_DAYS = Limit(2, "working_days")
MONDAY_TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def ask(desk: Desk, unit: str = "620725-SWJ", **named: Any) -> Participation:
    return desk.move("handler", moves.ask_help, unit_id(unit), TWO_DAYS, "请查供水管线", **named)


def helps(desk: Desk) -> list[Participation]:
    with reading() as db:
        return list(db.scalars(select(Participation).order_by(Participation.id)))


def sees(desk: Desk, login: str) -> bool:
    with reading() as db:
        return policy.can_see(db, desk.world.actor(db, login), db.get_one(Case, desk.case_id))


def test_it_asks_a_unit_which_answers_by_its_own_clock(desk: Desk) -> None:
    """The helper sees the case from then on; the task's own clocks are as before."""
    desk.sign()
    before, armed = desk.task, desk.due_of()
    assert not sees(desk, "water_handler")
    row = ask(desk)

    assert row.due_at == MONDAY_TUESDAY
    assert desk.due_of("co_due") == {str(row.id): MONDAY_TUESDAY}
    assert sees(desk, "water_handler")
    assert offered(desk, "water_handler") == {"answer_help": True}
    with reading() as db:
        asked = cohandling.waiting_for(db, desk.world.actor(db, "water_handler"))
        assert [one.id for one in asked] == [row.id]
    desk.move("water_handler", moves.answer_help, row.id, "管线无损")

    (row,) = helps(desk)
    assert (row.outcome, row.done_by) == ("answered", desk.world.logins["water_handler"])
    assert (desk.task.due_at, desk.due_of()) == (before.due_at, armed)
    assert [one.user_id for one in notices(desk, "help.answered")] == [desk.world.logins["handler"]]
    with reading() as db:
        kept = answer_history.of_case(db, db.get_one(Case, desk.case_id))
    assert [one.answers["answer"] for one in kept if one.node_id.endswith(":co_answer")] == [
        "管线无损"
    ]
    assert "管线" not in "".join(one.data for one in desk.world.events(desk.case_id, "help.asked"))
    assert_whole()


def test_it_asks_a_unit_once_at_a_time(desk: Desk) -> None:
    """The second click conflicts; after the answer the unit can be asked again."""
    row = ask(desk)
    with pytest.raises(Conflict):
        ask(desk)
    desk.move("water_handler", moves.answer_help, row.id, "无损")
    with pytest.raises(Conflict):
        desk.move("water_handler", moves.answer_help, row.id, "无损")
    ask(desk)

    assert [one.outcome for one in helps(desk)] == ["answered", None]
    assert desk.world.kinds(desk.case_id).count("help.answered") == 1


@pytest.mark.parametrize("unit", ["620725-ZJJ", "6207", "620725-ZZ", "T2"])
def test_it_asks_nobody_who_could_not_answer(desk: Desk, unit: str) -> None:
    """Not itself, not above the county, no unit without the role, no made-up one."""
    with pytest.raises(InvalidInput):
        ask(desk, unit)
    with pytest.raises(InvalidInput):
        desk.move("handler", moves.ask_help, 404, TWO_DAYS, "请协助")
    with pytest.raises(InvalidInput):
        desk.move("handler", moves.ask_help, unit_id("620725-SWJ"), Limit(0, "days"), "请协助")
    assert helps(desk) == []


def test_it_lets_neither_strangers_ask_nor_the_asker_answer(desk: Desk) -> None:
    """Each side does its own part."""
    with pytest.raises(NotFound):
        desk.move("water_handler", moves.ask_help, unit_id("620725-SWJ"), TWO_DAYS, "请协助")
    desk.sign()
    with pytest.raises(NotAllowed):
        desk.move("colleague", moves.ask_help, unit_id("620725-SWJ"), TWO_DAYS, "请协助")
    row = ask(desk)
    with pytest.raises(NotAllowed):
        desk.move("handler", moves.answer_help, row.id, "自问自答")
    with pytest.raises(NotAllowed):
        desk.move("water_handler", moves.withdraw_help, row.id)
    with pytest.raises(NotFound):
        desk.move("sibling", moves.answer_help, row.id, "路过")
    with pytest.raises(InvalidInput):
        desk.move("water_handler", moves.answer_help, row.id, " ")


def test_it_tells_both_sides_when_a_helper_is_late_and_once(desk: Desk) -> None:
    """The helper's own clock runs out; the main task is not overdue by it."""
    desk.sign()
    row = ask(desk)
    desk.world.work(MONDAY_TUESDAY - timedelta(minutes=1))
    assert "help.overdue" not in desk.world.kinds(desk.case_id)
    desk.world.work(MONDAY_TUESDAY)
    desk.world.work(MONDAY_TUESDAY)

    assert desk.world.kinds(desk.case_id).count("help.overdue") == 1
    assert [one.unit_id for one in notices(desk, "help.overdue")] == [row.unit_id]
    assert [one.user_id for one in notices(desk, "help.late")] == [desk.world.logins["handler"]]
    assert "clock.expired" not in [
        event.kind
        for event in desk.world.events(desk.case_id, "clock.expired")
        if event.task_id == desk.task.id
    ]
    desk.move("water_handler", moves.answer_help, row.id, "迟了，无损")


def test_it_withdraws_what_is_not_needed_any_more(desk: Desk) -> None:
    """The asker takes it back; the helper is told and has nothing to answer."""
    row = ask(desk)
    desk.move("handler", moves.withdraw_help, row.id)

    assert helps(desk)[0].outcome == "withdrawn"
    assert desk.due_of("co_due") == {}
    assert offered(desk, "water_handler") == {}
    assert offered(desk, "handler")["withdraw_help"] is False
    with pytest.raises(Conflict):
        desk.move("handler", moves.withdraw_help, row.id)
    with pytest.raises(Conflict):
        desk.move("water_handler", moves.answer_help, row.id, "太晚")


def test_it_closes_with_the_main_handler_and_comes_back_with_a_recall(desk: Desk) -> None:
    """Completing ends what is unanswered; recalled, it waits again with its clock."""
    row = ask(desk)
    task_id = desk.task.id
    desk.world.now += timedelta(hours=1)
    desk.world.complete("handler", desk.case_id, HANDLE)

    (ended,) = helps(desk)
    assert (ended.outcome, ended.done_at) == ("closed", desk.world.now)
    assert all(due.kind != "co_due" for due in desk.world.due(desk.case_id))
    desk.world.now += timedelta(minutes=5)
    desk.on(task_id, "handler", moves.recall)

    assert [one.outcome for one in helps(desk)] == [None]
    assert desk.due_of("co_due") == {str(row.id): MONDAY_TUESDAY}
    desk.move("water_handler", moves.answer_help, row.id, "无损")
    with reading() as db:
        assert db.get_one(Task, task_id).done_at is None
    assert_whole()


def dispatched_with(world: World, *codes: str) -> Desk:
    """A ticket dispatched to the housing bureau, with units named to help."""
    desk = Desk.__new__(Desk)
    desk.world, desk.case_id = world, world.open()
    world.complete("grid_leader", desk.case_id, ACCEPT)
    world.complete("dispatcher", desk.case_id, {**DISPATCH, "co_units": list(codes)})
    return desk


def test_units_named_at_dispatch_are_asked_with_clocks_and_notices_of_their_own(
    world: World,
) -> None:
    """Each once, for as long as the task may take; they see the case and answer as any helper."""
    desk = dispatched_with(world, "620725-SWJ", "620725-SWJ")
    (row,) = helps(desk)
    assert (row.unit_id, row.role) == (unit_id("620725-SWJ"), "handler")
    assert row.asked_by == world.logins["dispatcher"]
    # Ten working days from Friday, as the main handler has after signing.
    assert row.due_at == datetime(2026, 12, 4, 10, 0, tzinfo=UTC)
    assert desk.due_of("co_due") == {str(row.id): row.due_at}
    assert sees(desk, "water_handler")
    with reading() as db:
        asked = cohandling.waiting_for(db, world.actor(db, "water_handler"))
        assert [one.id for one in asked] == [row.id]
    assert [(one.unit_id, one.role) for one in notices(desk, "help.asked")] == [
        (row.unit_id, "handler")
    ]
    world.work(row.due_at)
    assert len(notices(desk, "help.overdue")) == 1
    desk.move("water_handler", moves.answer_help, row.id, "管线无损")
    assert helps(desk)[0].outcome == "answered"
    assert_whole()


def test_what_cannot_help_is_left_out_and_who_named_it_is_told(world: World) -> None:
    """No such unit, nobody who could answer: on the record. The main unit helps itself anyway."""
    desk = dispatched_with(world, "620725-NONE", "620725-ZJJ", "620725-SWJ")
    assert [row.unit_id for row in helps(desk)] == [unit_id("620725-SWJ")]
    why = [json.loads(one.data)["why"] for one in world.events(desk.case_id, "help.left_out")]
    assert sorted(why) == ["same", "unknown"]
    assert [one.user_id for one in notices(desk, "help.left_out")] == [world.logins["dispatcher"]]


def test_it_keeps_what_each_unit_named_at_dispatch_is_asked(world: World) -> None:
    """Two units, two receipts and as much in the vault: nothing that the chain says is lost."""
    desk = dispatched_with(world, "620725-SWJ", "620725-ZZ")
    said = [json.loads(one.data)["receipt"] for one in world.events(desk.case_id, "help.asked")]
    with reading() as db:
        kept = select(VaultRow.digest).where(VaultRow.digest.in_(said))
        assert sorted(db.scalars(kept)) == sorted(said) and len(said) == 2
        assert anchors.verify(db) == []


def test_what_was_named_at_dispatch_ends_with_a_recall_of_it(world: World) -> None:
    """The dispatcher takes it back: nobody helps any more, and the helper sees it no more."""
    desk = dispatched_with(world, "620725-SWJ")
    with reading() as db:
        done = db.scalars(
            select(Task).where(Task.case_id == desk.case_id, Task.node_id == "dispatch")
        ).one()
    desk.on(done.id, "dispatcher", moves.recall)
    assert [row.outcome for row in helps(desk)] == ["closed"]
    assert not sees(desk, "water_handler")
    assert [row.kind for row in world.due(desk.case_id) if row.kind == "co_due"] == []
    assert_whole()
