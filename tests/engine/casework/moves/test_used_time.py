"""Used time is kept over returns, re-dispatching and recalls; nobody pays another's."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from engine.casework import cases, moves
from engine.errors import Conflict
from engine.models import Case, Unit
from engine.storage.db import reading, transaction
from engine.terms.lamps import lamp
from tests.engine.casework.moves.claims import assert_whole
from tests.engine.casework.moves.conftest import Desk
from tests.engine.casework.world import DISPATCH, FEEDBACK, HANDLE, TRACK

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WATER = {
    **DISPATCH,
    "unit_choice": "另行指定",
    "chosen_unit": "620725-SWJ",
    "chosen_reason": "属水务职责。",
}


def send_back(desk: Desk, login: str = "handler") -> None:
    """Return the open task to whoever dispatches."""
    desk.move(login, cases.return_task, "dispatch", "不属本单位。")


def dispatch(desk: Desk, answers: dict[str, str] = DISPATCH) -> None:
    desk.world.complete("dispatcher", desk.case_id, answers)


def unit_code(desk: Desk) -> str:
    with reading() as db:
        return db.scalars(select(Unit.code).where(Unit.id == desk.task.unit_id)).one()


def case_due(desk: Desk) -> datetime:
    with reading() as db:
        due = db.get_one(Case, desk.case_id).due_at
    assert due is not None
    return due


def late(desk: Desk) -> Desk:
    """Signed for two working days late, and not done an hour after the end."""
    desk.world.now += 5 * DAY
    desk.world.work(desk.world.now)
    desk.sign()
    assert desk.task.due_at is not None
    desk.world.now = desk.task.due_at + HOUR
    desk.world.work(desk.world.now)
    return desk


def test_a_late_order_that_is_returned_and_dispatched_again_is_late_at_once(desk: Desk) -> None:
    """Neither a fresh day for signing nor a fresh limit; as late as it was, to the day."""
    late(desk)
    signing, handling = desk.task.sign_due_at, desk.task.due_at
    assert signing is not None and handling is not None
    send_back(desk)
    dispatch(desk)

    task = desk.task
    assert (task.node_id, unit_code(desk)) == ("handle", "620725-ZJJ")
    assert task.sign_due_at is not None and task.sign_due_at <= desk.world.now
    assert lamp(task.deadline_at, task.warn_at, desk.world.now) == "red"
    rung = desk.world.kinds(desk.case_id).count("escalated")
    desk.world.work(desk.world.now)
    # It is late as before, and what fired before does not fire again.
    assert desk.world.kinds(desk.case_id).count("escalated") == rung
    assert desk.task.started_at == desk.world.now
    assert desk.task.due_at == handling
    desk.sign()
    assert desk.task.deadline_at == handling
    assert_whole()


def test_what_was_left_is_left_and_the_time_elsewhere_is_not_counted(desk: Desk) -> None:
    """Returned with two days used; two days later it comes back and ends two days later."""
    desk.sign()
    due = desk.task.due_at
    assert due is not None
    desk.world.now += 4 * DAY
    send_back(desk)
    desk.world.now += 2 * DAY
    dispatch(desk)
    desk.sign()
    # From Tuesday nine o'clock to Thursday nine o'clock: fourteen office hours, two days.
    assert (due, desk.task.due_at) == (
        datetime(2026, 12, 4, 10, 0, tzinfo=UTC),
        datetime(2026, 12, 8, 10, 0, tzinfo=UTC),
    )


def test_another_unit_begins_anew_within_what_the_citizen_was_promised(desk: Desk) -> None:
    """The water bureau has used nothing; but it signs before the case itself is late."""
    late(desk)
    send_back(desk)
    desk.world.now = case_due(desk) - 2 * HOUR
    dispatch(desk, WATER)

    task = desk.task
    assert unit_code(desk) == "620725-SWJ"
    assert task.sign_due_at == case_due(desk)
    assert task.started_at is None
    desk.move("water_handler", cases.sign)
    assert desk.task.due_at is not None and desk.task.due_at > desk.world.now
    desk.world.work(desk.world.now)
    assert_whole()


def test_a_unit_that_had_it_before_another_goes_on_where_it_stood(desk: Desk) -> None:
    """Housing is late, water hands it back, housing has it again: late at once."""
    late(desk)
    send_back(desk)
    dispatch(desk, WATER)
    send_back(desk, "water_handler")
    dispatch(desk, {**WATER, "chosen_unit": "620725-ZJJ"})
    assert unit_code(desk) == "620725-ZJJ"
    assert lamp(desk.task.deadline_at, desk.task.warn_at, desk.world.now) == "red"


def test_a_granted_extension_goes_on_with_its_clock_and_with_it_alone(desk: Desk) -> None:
    """Back in the same unit it counts, and is not asked for again; another unit has none of it."""
    desk.sign()
    desk.move("handler", moves.ask_extension, 5, "材料缺货")
    desk.move("department_leader", moves.decide_extension, True, "同意")
    longer = desk.task.due_at
    send_back(desk)
    dispatch(desk)
    desk.sign()

    assert (desk.task.due_at, desk.task.limit_amount) == (longer, 15)
    assert (desk.task.limit_by or {})["extended"] == [5, "working_days"]
    with pytest.raises(Conflict):
        desk.move("handler", moves.ask_extension, 2, "还要")
    send_back(desk)
    dispatch(desk, WATER)
    desk.sign("water_handler")
    assert (unit_code(desk), desk.task.limit_amount) == ("620725-SWJ", 10)
    desk.move("water_handler", moves.ask_extension, 2, "缺货")
    assert_whole()


def test_by_the_table_means_the_table_also_after_another_unit_was_named(desk: Desk) -> None:
    """What was named by hand for the round before is not what the table says."""
    send_back(desk)
    dispatch(desk, WATER)
    assert unit_code(desk) == "620725-SWJ"
    send_back(desk, "water_handler")
    dispatch(desk)
    assert unit_code(desk) == "620725-ZJJ"


def test_a_recall_gives_the_next_step_no_fresh_time(desk: Desk) -> None:
    """The dispatcher takes it back and sends it again: the department's time goes on."""
    due = desk.task.sign_due_at
    desk.world.now += 3 * HOUR
    with transaction() as db:
        actor = desk.world.actor(db, "dispatcher")
        told = desk.world.events(desk.case_id, "task.completed")
        dispatched = next(one for one in told if json.loads(one.data)["node"] == "dispatch")
        assert dispatched.task_id is not None
        moves.recall(db, actor, dispatched.task_id, now=desk.world.now)
    desk.world.complete("dispatcher", desk.case_id, DISPATCH)
    assert (desk.task.node_id, desk.task.sign_due_at) == ("handle", due)


def test_work_that_the_diagram_asks_for_a_second_time_is_new_work(desk: Desk) -> None:
    """Done in time and not to the citizen's content: the correction has the whole limit."""
    desk.sign()
    desk.world.now += 4 * DAY
    desk.world.complete("handler", desk.case_id, HANDLE)
    desk.world.complete("worker", desk.case_id, TRACK)
    desk.world.complete("worker", desk.case_id, FEEDBACK)
    unhappy = {"satisfaction": "不满意", "stars": "1", "dissatisfied_reason": ["没有解决"]}
    desk.world.complete("dispatcher", desk.case_id, {**unhappy, "citizen_words": "灯又灭了。"})
    task = desk.task
    assert task.node_id == "handle" and not task.carried
    # Tuesday, one working day.
    assert task.sign_due_at == datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
