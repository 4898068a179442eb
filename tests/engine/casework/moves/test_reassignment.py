"""Transfer, assign and urge: who, what each clock does, the record, and the second click."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from engine.access import policy
from engine.casework import cases, moves
from engine.casework.moves import transfers
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound, TaskAlreadyDone
from engine.models import Case, CaseAccess, Outbox, Unit
from engine.reading import casefile
from engine.storage.db import reading
from engine.timing import clocks
from tests.engine.casework.moves.claims import assert_whole
from tests.engine.casework.moves.conftest import Desk
from tests.engine.casework.world import HANDLE, World


def unit_id(code: str) -> int:
    with reading() as db:
        return db.scalars(select(Unit.id).where(Unit.code == code)).one()


def offered(desk: Desk, login: str) -> dict[str, bool]:
    """Key of each move that is offered on the open task -> whether it would succeed."""
    with reading() as db:
        actor = desk.world.actor(db, login)
        file = casefile.open_file(db, actor, desk.case_id)
        found = moves.offers(db, actor, file, file.open[0], desk.world.now)
    return {offer.move.key: offer.ready for offer in found}


def notices(desk: Desk, key: str) -> list[Outbox]:
    with reading() as db:
        return list(db.scalars(select(Outbox).where(Outbox.key == key).order_by(Outbox.id)))


def test_it_transfers_to_a_sibling_unit_and_its_clocks_go_along(desk: Desk) -> None:
    """The water bureau gets what is left of the handling clock, and its own time to sign.

    It is Monday morning by then: one working day. The old unit reads on.
    """
    desk.sign()
    before, armed = desk.task, desk.due_of()
    desk.world.now += timedelta(days=3)

    desk.move("handler", moves.transfer, unit_id("620725-SWJ"), "属水务职责")

    task = desk.task
    assert (task.unit_id, task.assignee_id, task.signed_at) == (unit_id("620725-SWJ"), None, None)
    assert (task.started_at, task.due_at) == (before.started_at, before.due_at)
    assert task.sign_due_at == task.deadline_at == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    found = desk.due_of()
    assert {key: found[key] for key in armed} == armed and "sign_due" in found
    desk.move("water_handler", cases.sign)
    assert desk.task.due_at == desk.task.deadline_at == before.due_at
    assert desk.due_of() == armed
    with pytest.raises(NotAllowed):
        desk.move("handler", moves.transfer, unit_id("620725-SWJ"), "属水务职责")
    with reading() as db:
        access = db.scalars(select(CaseAccess.unit_id).where(CaseAccess.case_id == desk.case_id))
        assert {unit_id("620725-SWJ"), unit_id("620725-ZJJ")} <= set(access)
        assert policy.can_see(db, desk.world.actor(db, "handler"), db.get_one(Case, desk.case_id))
    assert_whole()


def test_it_gives_the_next_unit_its_own_time_to_sign_and_the_first_none_back(desk: Desk) -> None:
    """Passed on and back, the first unit goes on where it stood: on Friday evening it was due."""
    desk.world.now += timedelta(days=3, hours=3)
    assert desk.task.sign_due_at == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

    desk.move("colleague", moves.transfer, unit_id("620725-SWJ"), "属水务职责")
    assert desk.task.sign_due_at == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    assert desk.task.started_at is None
    # A day and a half with the other unit are not the first one's: half a day is left.
    desk.world.now += timedelta(days=1)
    desk.move("water_handler", moves.transfer, unit_id("620725-ZJJ"), "属住建职责")
    assert desk.task.sign_due_at == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    # The other unit has used its day, although the task was away in between.
    desk.world.now += timedelta(minutes=5)
    desk.move("handler", moves.transfer, unit_id("620725-SWJ"), "属水务职责")
    assert desk.task.sign_due_at == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    assert_whole()


def test_where_both_end_at_once_the_queue_shows_the_end_of_handling(desk: Desk) -> None:
    """Passed on a day before the end: one moment, one clock that is shown, and its own warning."""
    desk.sign()
    due = desk.task.due_at
    assert due is not None
    desk.world.now = due - timedelta(days=1, hours=8)

    desk.move("handler", moves.transfer, unit_id("620725-SWJ"), "属水务职责")

    task = desk.task
    assert task.sign_due_at == task.due_at == task.deadline_at == due
    assert not clocks.is_signing(task)
    assert task.warn_at is not None and task.warn_at < desk.world.now
    assert_whole()


def test_it_transfers_to_a_colleague_who_then_has_signed(desk: Desk) -> None:
    """Given to a person, the sign clock ends; the case's chain names both without the reason."""
    desk.move(
        "handler",
        moves.transfer,
        desk.task.unit_id,
        "王小明电话13893612345",
        user_id=desk.world.logins["colleague"],
    )

    task = desk.task
    assert (task.assignee_id, task.signed_at) == (desk.world.logins["colleague"], desk.world.now)
    assert set(desk.due_of()) >= {"due", "warn"}
    assert "sign_due" not in desk.due_of()
    (event,) = desk.world.events(desk.case_id, "task.transferred")
    assert json.loads(event.data)["to_person"] == desk.world.logins["colleague"]
    assert "13893612345" not in event.data
    (notice,) = notices(desk, "task.transferred")
    assert notice.user_id == desk.world.logins["colleague"]
    assert_whole()


def test_it_transfers_neither_far_away_nor_without_a_reason(desk: Desk) -> None:
    """Another level, an unknown unit, a person without the post, no reason: nothing changes."""
    before = desk.task
    for unit, reason in (("T1-ZZ", "x"), ("620725", "x"), ("620725-SWJ", "  ")):
        with pytest.raises(InvalidInput):
            desk.move("handler", moves.transfer, unit_id(unit), reason)
    with pytest.raises(InvalidInput):
        desk.move(
            "handler",
            moves.transfer,
            before.unit_id,
            "x",
            user_id=desk.world.logins["water_handler"],
        )

    assert desk.task.unit_id == before.unit_id
    assert desk.task.assignee_id is None


def test_it_transfers_once_however_often_the_button_is_pressed(desk: Desk) -> None:
    """Who passed it on has it no more; who got it cannot give it to themselves."""
    colleague = desk.world.logins["colleague"]
    unit = desk.task.unit_id
    desk.move("handler", moves.transfer, unit, "休假", user_id=colleague)

    with pytest.raises(NotAllowed):
        desk.move("handler", moves.transfer, unit, "休假", user_id=colleague)
    with pytest.raises(Conflict):
        desk.move("colleague", moves.transfer, unit, "休假", user_id=colleague)

    assert desk.world.kinds(desk.case_id).count("task.transferred") == 1


def test_it_lists_only_targets_that_work(desk: Desk) -> None:
    """Every listed unit and person can be chosen; the townships are not among them."""
    with reading() as db:
        actor = desk.world.actor(db, "handler")
        file = casefile.open_file(db, actor, desk.case_id)
        work = moves.standing(db, actor, file, file.open[0], desk.world.now)
        found = transfers.targets(db, work)

    assert {one.unit.code: [holder.user_id for holder in one.holders] for one in found} == {
        "620725-ZJJ": [desk.world.logins["colleague"]],
        "620725-SWJ": [desk.world.logins["water_handler"]],
    }


def test_it_gives_back_only_what_somebody_has(desk: Desk) -> None:
    """An unsigned task is in the queue already; releasing it would count it twice."""
    with pytest.raises(NotAllowed):
        desk.move("handler", cases.release)

    assert "task.released" not in desk.world.kinds(desk.case_id)
    assert_whole()


def test_it_lets_a_leader_assign_and_take_from_one_to_give_to_another(desk: Desk) -> None:
    """The first assignment signs; the second changes hands, and no clock starts again."""
    desk.move("department_leader", moves.assign, desk.world.logins["handler"])
    first = desk.task
    desk.world.now += timedelta(days=1)
    desk.move("department_leader", moves.assign, desk.world.logins["colleague"])

    task = desk.task
    assert first.assignee_id == desk.world.logins["handler"]
    assert task.assignee_id == desk.world.logins["colleague"]
    assert (task.started_at, task.due_at) == (first.started_at, first.due_at)
    assert [notice.user_id for notice in notices(desk, "task.assigned")] == [
        desk.world.logins["handler"],
        desk.world.logins["colleague"],
    ]
    assert_whole()


def test_a_supervisor_assigns_below_and_is_named_for_it(desk: Desk) -> None:
    """From the board: by the seat over the area, on the chain, and both people are told."""
    desk.sign()
    assert offered(desk, "county_supervisor")["assign"] is True
    desk.move("county_supervisor", moves.assign, desk.world.logins["colleague"])

    assert desk.task.assignee_id == desk.world.logins["colleague"]
    event = desk.world.events(desk.case_id, "task.assigned")[0]
    assert event.actor_id == desk.world.logins["county_supervisor"]
    assert {row.user_id for row in notices(desk, "task.assigned")} >= {
        desk.world.logins["colleague"]
    }
    assert_whole()


@pytest.mark.parametrize("login", ["handler", "town_leader"])
def test_it_lets_nobody_else_assign(desk: Desk, login: str) -> None:
    """Neither the handler nor the leader of another level."""
    with pytest.raises(NotAllowed):
        desk.move(login, moves.assign, desk.world.logins["colleague"])
    assert "assign" not in offered(desk, login)


def test_it_refuses_to_assign_what_is_there_or_to_whom_it_cannot_be(desk: Desk) -> None:
    """The second click conflicts; a person of another bureau has no such post here."""
    desk.move("county_leader", moves.assign, desk.world.logins["handler"])

    with pytest.raises(Conflict):
        desk.move("county_leader", moves.assign, desk.world.logins["handler"])
    with pytest.raises(InvalidInput):
        desk.move("county_leader", moves.assign, desk.world.logins["water_handler"])
    assert desk.world.kinds(desk.case_id).count("task.assigned") == 1


def test_it_urges_once_a_working_hour(desk: Desk) -> None:
    """Each supervisor by the office clock: at 11:30 the next is due at 15:00, after noon."""
    desk.world.now += timedelta(hours=2, minutes=30)
    desk.move("county_supervisor", moves.urge)
    assert offered(desk, "county_supervisor")["urge"] is False

    desk.world.now += timedelta(hours=3)
    with pytest.raises(Conflict):
        desk.move("county_supervisor", moves.urge)
    desk.move("county_leader", moves.urge)
    desk.world.now += timedelta(minutes=30)
    desk.move("county_supervisor", moves.urge)

    assert desk.world.kinds(desk.case_id).count("task.urged") == 3
    assert {(row.unit_id, row.role) for row in notices(desk, "task.urged")} == {
        (desk.task.unit_id, "handler")
    }


def test_it_reminds_whoever_signed_and_leaves_the_clocks_alone(desk: Desk) -> None:
    """A reminder goes to the holder; deadlines and rungs are as before."""
    desk.sign()
    before, armed = desk.task, desk.due_of()

    desk.move("department_leader", moves.urge)

    assert [row.user_id for row in notices(desk, "task.urged")] == [desk.world.logins["handler"]]
    assert (desk.task.due_at, desk.due_of()) == (before.due_at, armed)


@pytest.mark.parametrize("login", ["handler", "colleague", "water_handler", "sibling"])
def test_it_lets_no_equal_and_no_stranger_urge(desk: Desk, login: str) -> None:
    """Colleagues ask each other in person; strangers do not know of the case."""
    stranger = login in ("water_handler", "sibling")
    with pytest.raises(NotFound if stranger else NotAllowed):
        desk.move(login, moves.urge)


def test_it_offers_exactly_what_would_succeed(desk: Desk) -> None:
    """By post: the handler passes it on, the leader assigns and urges, others read."""
    assert offered(desk, "handler") | {"transfer": True} == offered(desk, "handler")
    assert offered(desk, "department_leader")["assign"] is True
    assert offered(desk, "county_supervisor")["urge"] is True
    assert "transfer" not in offered(desk, "county_supervisor")
    desk.sign()
    assert "transfer" not in offered(desk, "colleague")


@pytest.mark.parametrize("use", [moves.transfer, moves.assign, moves.urge])
def test_it_says_who_did_a_task_that_is_done(desk: Desk, use: object, world: World) -> None:
    """A move on a finished task has no effect and names who finished it."""
    task_id = desk.task.id
    world.complete("handler", desk.case_id, HANDLE)
    arguments = {moves.transfer: (unit_id("620725-SWJ"), "x"), moves.assign: (1,), moves.urge: ()}

    with pytest.raises(TaskAlreadyDone) as refusal:
        desk.on(task_id, "department_leader", use, *arguments[use])  # type: ignore[arg-type, index]
    assert "员工handler" in refusal.value.text.zh
