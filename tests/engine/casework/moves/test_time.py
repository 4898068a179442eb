"""Suspend, resume and extend: the handling clock stops and moves, the citizen's never does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from engine.casework import cases, moves
from engine.casework.moves import extensions
from engine.casework.moves.move_limits import PRESETS, parse
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound, TaskPaused
from engine.models import Case, Extension, Pause, Setting, Task
from engine.storage.db import reading, transaction
from engine.timing import clock_adjustments
from engine.worktime import Limit
from tests.engine.casework.moves.claims import assert_whole
from tests.engine.casework.moves.conftest import Desk
from tests.engine.casework.moves.test_reassignment import notices, offered
from tests.engine.casework.world import DISPATCH, HANDLE

# Ten working days from Friday, 20 November 2026: Friday, 4 December at 18:00 in Shanghai.
DUE = datetime(2026, 12, 4, 10, 0, tzinfo=UTC)


def ledger(desk: Desk) -> list[Pause]:
    with reading() as db:
        return list(db.scalars(select(Pause).order_by(Pause.id)))


def citizen_due(desk: Desk) -> datetime | None:
    with reading() as db:
        return db.get_one(Case, desk.case_id).due_at


def done_task(desk: Desk, task_id: int) -> Task:
    with reading() as db:
        return db.get_one(Task, task_id)


def test_it_stops_the_handling_clock_and_lets_it_go_on_where_it_stood(desk: Desk) -> None:
    """Paused on day 2 from Tuesday to Friday, three working days: due three later."""
    desk.sign()
    assert desk.task.due_at == DUE
    citizen = citizen_due(desk)
    desk.world.now += timedelta(days=4)
    desk.move("handler", moves.suspend, "evidence", "等检测报告")

    assert desk.task.paused_at == desk.world.now
    assert set(desk.due_of()) == {"resume"}
    assert desk.task.deadline_at is None
    desk.world.now += timedelta(days=3)
    desk.move("handler", moves.resume)

    task = desk.task
    assert task.paused_at is None
    assert task.due_at == task.deadline_at == datetime(2026, 12, 9, 10, 0, tzinfo=UTC)
    assert desk.due_of()["due"] == task.due_at
    assert {mark for mark in desk.due_of() if mark.startswith("handle:")}
    assert citizen_due(desk) == citizen
    assert any(row.kind == "citizen_due" for row in desk.world.due(desk.case_id))
    assert_whole()


def test_it_ends_a_pause_by_itself_at_the_limit_of_its_reason(desk: Desk) -> None:
    """Five working days for a party; nobody presses anything, and the holder is told."""
    desk.sign()
    desk.move("handler", moves.suspend, "party", "当事人外出")
    limit = ledger(desk)[0].limit_at
    assert limit == datetime(2026, 11, 27, 10, 0, tzinfo=UTC)

    desk.world.work(limit - timedelta(minutes=1))
    assert desk.task.paused_at is not None
    desk.world.work(limit)
    desk.world.work(limit)

    assert desk.task.paused_at is None
    assert ledger(desk)[0].until_at == limit
    # From half past eight and a half hour on the Friday: 41.5 office hours, six days.
    assert desk.task.due_at == datetime(2026, 12, 14, 10, 0, tzinfo=UTC)
    assert desk.world.kinds(desk.case_id).count("task.resumed") == 1
    assert json.loads(desk.world.events(desk.case_id, "task.resumed")[0].data)["by_limit"] is True
    assert [row.user_id for row in notices(desk, "task.resumed")] == [desk.world.logins["handler"]]
    assert_whole()


def test_it_fires_no_rung_while_the_clock_stands_still(desk: Desk) -> None:
    """The old deadline passes inside the pause: nothing is overdue, nothing escalates."""
    desk.sign()
    desk.move("handler", moves.suspend, "expertise", "房屋鉴定")
    with transaction() as db:
        expired = db.scalars(select(Case).where(Case.id == desk.case_id)).one().due_at
    desk.world.work(min(expired or DUE, DUE) - timedelta(minutes=1))

    kinds = desk.world.kinds(desk.case_id)
    assert "clock.expired" not in kinds and "escalated" not in kinds


def test_it_counts_two_pauses_and_forgets_neither(desk: Desk) -> None:
    """Each reason once; both spans move the deadline, by the units inside them."""
    desk.sign()
    desk.move("handler", moves.suspend, "evidence", "说明")
    desk.world.now += timedelta(days=3)
    desk.move("handler", moves.resume)
    desk.move("handler", moves.suspend, "party", "说明")
    desk.move("department_leader", moves.decide_pause, True, "同意")
    desk.world.now += timedelta(days=1)
    desk.move("handler", moves.resume)

    # Friday to Monday is one working day, Monday to Tuesday another.
    assert desk.task.due_at == datetime(2026, 12, 8, 10, 0, tzinfo=UTC)
    with pytest.raises(InvalidInput):
        desk.move("handler", moves.suspend, "evidence", "再来一次")
    assert len(ledger(desk)) == 2
    assert_whole()


def test_another_pause_of_a_step_waits_for_the_leader(desk: Desk) -> None:
    """The clock runs until it is granted, and stands still from then on; nothing moves twice."""
    desk.sign()
    desk.move("handler", moves.suspend, "evidence", "取证")
    desk.move("handler", moves.resume)
    asked = desk.move("handler", moves.suspend, "party", "等人")

    assert (asked.why, desk.task.paused_at, len(ledger(desk))) == ("again", None, 1)
    leader = desk.world.logins["department_leader"]
    assert [row.user_id for row in notices(desk, "pause.asked")] == [leader]
    assert offered(desk, "handler")["suspend"] is False
    for login in ("handler", "colleague", "county_supervisor"):
        with pytest.raises(NotAllowed):
            desk.move(login, moves.decide_pause, True, "同意")
    desk.world.now += timedelta(hours=2)
    assert offered(desk, "department_leader")["decide_pause"] is True
    desk.move("department_leader", moves.decide_pause, True, "同意")

    assert (desk.task.paused_at, ledger(desk)[1].from_at) == (desk.world.now, desk.world.now)
    assert ledger(desk)[1].by_id == desk.world.logins["handler"]
    with pytest.raises(Conflict):
        desk.move("department_leader", moves.decide_pause, False, "改主意")
    assert [row.user_id for row in notices(desk, "pause.granted")] == [desk.world.logins["handler"]]
    kinds = desk.world.kinds(desk.case_id)
    assert (kinds.count("pause.asked"), kinds.count("task.suspended")) == (1, 2)
    assert_whole()


def test_a_refused_pause_stops_nothing_and_may_be_asked_for_again(desk: Desk) -> None:
    """The clock has run all the time; the holder is told."""
    desk.sign()
    desk.move("handler", moves.suspend, "evidence", "取证")
    desk.move("handler", moves.resume)
    armed = desk.due_of()
    desk.move("handler", moves.suspend, "party", "等人")
    desk.move("department_leader", moves.decide_pause, False, "可先处置")

    assert (desk.task.paused_at, desk.due_of()) == (None, armed)
    assert [row.user_id for row in notices(desk, "pause.refused")] == [desk.world.logins["handler"]]
    assert desk.move("handler", moves.suspend, "party", "又等").why == "again"
    assert_whole()


def test_a_pause_within_an_hour_of_its_deadline_waits_for_the_leader(desk: Desk) -> None:
    """An hour before is still the holder's; once the limit has passed, nothing can be granted."""
    desk.sign()
    desk.world.now = DUE - timedelta(minutes=59)
    asked = desk.move("handler", moves.suspend, "evidence", "取证")
    assert (asked.why, desk.task.paused_at) == ("late", None)
    desk.world.now = DUE
    with pytest.raises(Conflict):
        desk.move("department_leader", moves.decide_pause, True, "同意")
    desk.move("department_leader", moves.decide_pause, False, "已到期")
    assert (desk.task.due_at, ledger(desk)) == (DUE, [])

    other = Desk(desk.world)
    other.sign()
    due = other.task.due_at
    assert due is not None
    other.world.now = due - timedelta(hours=1)
    other.move("handler", moves.suspend, "evidence", "取证")
    assert other.task.paused_at == other.world.now


def test_a_request_to_suspend_lapses_with_the_hands_that_made_it(desk: Desk) -> None:
    """Whoever gets the task has not asked; a pause of the step before it came back counts."""
    desk.sign()
    desk.move("handler", moves.suspend, "evidence", "取证")
    desk.move("handler", moves.resume)
    desk.move("handler", moves.suspend, "party", "等人")
    desk.move("department_leader", moves.assign, desk.world.logins["colleague"])
    with pytest.raises(Conflict):
        desk.move("department_leader", moves.decide_pause, True, "同意")
    assert desk.move("colleague", moves.suspend, "party", "等人").why == "again"

    desk.move("colleague", cases.return_task, "dispatch", "不归我们")
    desk.world.complete("dispatcher", desk.case_id, DISPATCH)
    desk.sign()
    assert desk.move("handler", moves.suspend, "evidence", "取证").why == "again"
    assert_whole()


def test_nobody_grants_a_pause_for_a_reason_that_is_not_allowed_any_more(desk: Desk) -> None:
    """The county has taken the reason away meanwhile."""
    desk.sign()
    desk.move("handler", moves.suspend, "evidence", "取证")
    desk.move("handler", moves.resume)
    desk.move("handler", moves.suspend, "party", "等人")
    with transaction() as db:
        value = {"pauses": {"evidence": [2, "days"]}}
        db.add(Setting(key="moves", value=value, changed_at=desk.world.now, note=""))
    with pytest.raises(InvalidInput):
        desk.move("department_leader", moves.decide_pause, True, "同意")
    assert desk.task.paused_at is None


def test_it_suspends_and_resumes_once_however_often_it_is_pressed(desk: Desk) -> None:
    """The second click is a conflict and leaves one line in the ledger."""
    desk.sign()
    desk.move("handler", moves.suspend, "evidence", "取证")
    with pytest.raises(Conflict):
        desk.move("handler", moves.suspend, "party", "取证")
    desk.move("handler", moves.resume)
    with pytest.raises(Conflict):
        desk.move("handler", moves.resume)

    kinds = desk.world.kinds(desk.case_id)
    assert (kinds.count("task.suspended"), kinds.count("task.resumed")) == (1, 1)


@pytest.mark.parametrize(
    ("login", "error"),
    [("colleague", NotAllowed), ("department_leader", NotAllowed), ("sibling", NotFound)],
)
def test_it_lets_only_the_holder_suspend(desk: Desk, login: str, error: type) -> None:
    """Nobody stops another's clock; before signing there is nothing to stop."""
    with pytest.raises(NotAllowed):
        desk.move("handler", moves.suspend, "evidence", "取证")
    desk.sign()

    with pytest.raises(error):
        desk.move(login, moves.suspend, "evidence", "取证")
    assert "suspend" not in offered(desk, "colleague")
    assert offered(desk, "handler")["suspend"] is True


def test_it_refuses_to_suspend_what_is_overdue_or_for_no_allowed_reason(desk: Desk) -> None:
    """A pause saves nobody who is late; the county's setting says which reasons there are."""
    desk.sign()
    with pytest.raises(InvalidInput):
        desk.move("handler", moves.suspend, "holiday", "想休息")
    with pytest.raises(InvalidInput):
        desk.move("handler", moves.suspend, "evidence", "  ")
    with transaction() as db:
        value = {"pauses": {"party": [2, "days"]}}
        db.add(Setting(key="moves", value=value, changed_at=desk.world.now, note=""))
    with pytest.raises(InvalidInput):
        desk.move("handler", moves.suspend, "evidence", "取证")
    desk.world.now = DUE
    with pytest.raises(Conflict):
        desk.move("handler", moves.suspend, "party", "等人")
    assert ledger(desk) == []


def test_it_reads_a_countys_own_allowances() -> None:
    """What the setting names counts instead; what it leaves out stays or is not allowed."""
    given = parse({"pauses": {"party": [2, "days"], "sleep": [9, "days"]}})

    assert given.pauses == {"party": Limit(2, "days")}
    assert given.reopen == PRESETS.reopen
    assert parse({"reopen": [1, "months"]}).pauses == PRESETS.pauses
    with pytest.raises(ValueError, match="unknown unit"):
        parse({"reopen": [1, "moons"]})


def test_it_passes_nothing_on_while_suspended(desk: Desk) -> None:
    """Release, transfer, assign wait; completing ends the pause with the task."""
    desk.sign()
    task = desk.task
    desk.move("handler", moves.suspend, "evidence", "取证")
    with pytest.raises(TaskPaused):
        desk.move("handler", cases.release)
    with pytest.raises(TaskPaused):
        desk.move("handler", moves.transfer, task.unit_id, "休假")
    with pytest.raises(TaskPaused):
        desk.move("department_leader", moves.assign, desk.world.logins["colleague"])
    desk.world.now += timedelta(hours=1)

    desk.world.complete("handler", desk.case_id, HANDLE)

    assert ledger(desk)[0].until_at == desk.world.now
    assert done_task(desk, task.id).paused_at is None
    assert all(row.task_id != task.id for row in desk.world.due(desk.case_id))
    assert_whole()


def test_it_extends_from_the_start_when_the_leader_grants_it(desk: Desk) -> None:
    """Ten working days and five more are fifteen from signing; old rungs are armed again."""
    desk.sign()
    citizen = citizen_due(desk)
    desk.world.now += timedelta(days=5)
    desk.move("handler", moves.ask_extension, 5, "材料缺货")
    assert desk.task.due_at == DUE
    desk.world.now += timedelta(days=2)
    desk.move("department_leader", moves.decide_extension, True, "同意")

    task = desk.task
    assert task.due_at == task.deadline_at == datetime(2026, 12, 11, 10, 0, tzinfo=UTC)
    assert (task.limit_amount, task.limit_source) == (15, "extension")
    assert desk.due_of()["due"] == task.due_at
    assert all(at >= task.due_at for at in desk.due_of("rung").values())
    assert citizen_due(desk) == citizen
    assert [row.user_id for row in notices(desk, "extension.granted")] == [
        desk.world.logins["handler"]
    ]
    assert_whole()


def test_it_leaves_the_clock_alone_when_the_leader_refuses(desk: Desk) -> None:
    """Refused is refused: the deadline stays and nobody asks again."""
    desk.sign()
    armed = desk.due_of()
    desk.move("handler", moves.ask_extension, 5, "材料缺货")
    desk.move("department_leader", moves.decide_extension, False, "可先处置")

    assert (desk.task.due_at, desk.due_of()) == (DUE, armed)
    with pytest.raises(Conflict):
        desk.move("handler", moves.ask_extension, 2, "再申请")
    with pytest.raises(Conflict):
        desk.move("department_leader", moves.decide_extension, True, "改主意")
    assert desk.world.kinds(desk.case_id).count("extension.decided") == 1


def test_it_takes_a_request_before_expiry_only_and_a_decision_also_after(desk: Desk) -> None:
    """At the deadline it is too late to ask; what was asked in time may be granted late."""
    desk.sign()
    desk.world.now = DUE - timedelta(minutes=1)
    desk.move("handler", moves.ask_extension, 3, "缺货")
    desk.world.now = DUE + timedelta(hours=1)
    desk.world.work(desk.world.now)
    desk.move("department_leader", moves.decide_extension, True, "同意")
    assert desk.task.due_at == datetime(2026, 12, 9, 10, 0, tzinfo=UTC)
    assert desk.task.due_at == desk.due_of()["due"]

    other = Desk(desk.world)
    other.sign()
    other.world.now = other.task.due_at or DUE
    with pytest.raises(Conflict):
        other.move("handler", moves.ask_extension, 3, "缺货")
    assert offered(other, "handler")["extend"] is False


@pytest.mark.parametrize("amount", [0, -3, 11])
def test_it_extends_by_a_day_at_least_and_by_the_limit_at_most(desk: Desk, amount: int) -> None:
    """Ten working days can become twenty, not twenty-one."""
    desk.sign()
    with pytest.raises(InvalidInput):
        desk.move("handler", moves.ask_extension, amount, "缺货")
    with reading() as db:
        assert db.scalars(select(Extension)).all() == []


def test_it_lets_nobody_decide_without_being_a_leader(desk: Desk) -> None:
    """The holder asks, the leader decides; the other way round neither may."""
    desk.sign()
    with pytest.raises(NotAllowed):
        desk.move("colleague", moves.ask_extension, 3, "缺货")
    desk.move("handler", moves.ask_extension, 3, "缺货")

    for login in ("handler", "colleague", "county_supervisor"):
        with pytest.raises(NotAllowed):
            desk.move(login, moves.decide_extension, True, "同意")
    assert offered(desk, "county_leader")["decide"] is True
    assert "decide" not in offered(desk, "handler")


def test_it_counts_a_pause_and_an_extension_together(desk: Desk) -> None:
    """Granted inside a pause, the longer limit counts when the clock goes on."""
    desk.sign()
    desk.move("handler", moves.ask_extension, 2, "缺货")
    desk.move("handler", moves.suspend, "evidence", "取证")
    desk.move("department_leader", moves.decide_extension, True, "同意")
    assert set(desk.due_of()) == {"resume"}
    desk.world.now += timedelta(days=3)
    desk.move("handler", moves.resume)

    # Twelve working days, and one more for the pause from Friday to Monday.
    assert desk.task.due_at == datetime(2026, 12, 9, 10, 0, tzinfo=UTC)
    with reading() as db:
        assert clock_adjustments.spans(db, desk.task) and extensions.pending(db, desk.task) is None
    assert_whole()
