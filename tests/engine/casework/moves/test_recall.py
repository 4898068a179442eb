"""Recall: back to the completed step as it was, while the next one is untouched."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.access import policy
from engine.casework import cases, moves
from engine.errors import Conflict, DomainError, NotAllowed, NotFound
from engine.models import Case, CaseState, Task
from engine.reading import casefile
from engine.records import form_drafts
from engine.storage.db import reading
from tests.engine.casework.moves.claims import assert_whole
from tests.engine.casework.moves.conftest import Desk
from tests.engine.casework.world import ACCEPT, DISPATCH, HANDLE, World


def done(desk: Desk, node: str) -> Task:
    with reading() as db:
        query = select(Task).where(Task.case_id == desk.case_id, Task.node_id == node)
        return db.scalars(query.order_by(Task.id.desc()).limit(1)).one()


def columns(desk: Desk) -> tuple[object, ...]:
    with reading() as db:
        case, state = db.get_one(Case, desk.case_id), db.get_one(CaseState, desk.case_id)
        triage = (case.level, case.department_id, case.limit_amount, case.limit_unit)
        return (*triage, case.priority, state.state, state.passed)


def offered(desk: Desk, login: str, task_id: int) -> bool | None:
    """Whether a recall would succeed; None where it is not offered at all."""
    with reading() as db:
        actor = desk.world.actor(db, login)
        file = casefile.open_file(db, actor, desk.case_id)
        task = casefile.done_task(db, file, task_id)
        found = moves.offers(db, actor, file, task, desk.world.now)
    return {offer.move.key: offer.ready for offer in found}.get("recall")


def test_it_takes_a_completed_step_back_as_if_it_had_not_been(desk: Desk) -> None:
    """Dispatched by mistake: the department's task goes, triage's columns go, the clocks stay."""
    world = desk.world
    world.complete("handler", desk.case_id, HANDLE)
    handle = done(desk, "handle")
    before = columns(desk)
    world.complete("worker", desk.case_id, {**TRACK_BAD})
    track = done(desk, "track")
    assert columns(desk) != before
    world.now += timedelta(hours=1)

    desk.on(track.id, "worker", moves.recall)

    again = desk.task
    assert (again.id, again.outcome, again.done_by) == (track.id, None, None)
    assert columns(desk) == before
    assert world.open_nodes(desk.case_id) == ["track"]
    assert handle.done_at is not None
    assert "task.recalled" in world.kinds(desk.case_id)
    assert_whole()


TRACK_BAD = {
    "visited_at": "2026-11-20T17:00",
    "track_result": "已解决",
    "track_note": "灯已亮。",
}


def test_it_restores_what_triage_had_changed(world: World) -> None:
    """Department and limit come from the dispatch that is taken back; both go with it."""
    desk = Desk.__new__(Desk)
    desk.world, desk.case_id = world, world.open()
    world.complete("grid_leader", desk.case_id, ACCEPT)
    before, armed = columns(desk), desk.due_of()
    first = desk.task
    world.complete("dispatcher", desk.case_id, DISPATCH)
    handle = desk.task
    world.now += timedelta(minutes=10)
    with reading() as db:
        handler = world.actor(db, "handler")
        assert policy.can_see(db, handler, db.get_one(Case, desk.case_id))

    desk.on(first.id, "dispatcher", moves.recall)

    assert columns(desk) == before
    task = desk.task
    assert (task.id, task.assignee_id) == (first.id, world.logins["dispatcher"])
    # Signed by completing it: handling began then, and the sign clock is over.
    assert task.started_at == first.opened_at
    assert armed.keys() >= {"sign_due"} and "sign_due" not in desk.due_of()
    assert "due" in desk.due_of()
    with reading() as db:
        assert db.get_one(Task, handle.id).outcome == "cancelled"
        assert not policy.can_see(db, handler, db.get_one(Case, desk.case_id))
        draft = form_drafts.load(db, world.logins["dispatcher"], str(first.id))
    assert draft is not None and draft[0]["unit_choice"] == "按分流表"
    with pytest.raises(NotFound):
        desk.on(handle.id, "handler", cases.sign)
    assert_whole()


def test_it_goes_on_after_a_recall_as_ever(desk: Desk) -> None:
    """The same step can be done again, differently, and the case ends in order."""
    world = desk.world
    desk.sign()
    due = desk.task.due_at
    world.complete("handler", desk.case_id, HANDLE)
    world.now += timedelta(hours=2)
    desk.on(done(desk, "handle").id, "handler", moves.recall)
    assert (desk.task.due_at, desk.task.deadline_at) == (due, due)

    world.complete("handler", desk.case_id, HANDLE)

    assert world.open_nodes(desk.case_id) == ["track"]
    assert world.kinds(desk.case_id).count("task.completed") == 5
    assert_whole()


def test_it_fires_what_ran_out_meanwhile_once_and_nothing_twice(desk: Desk) -> None:
    """A deadline that passed between completing and recalling has passed."""
    world = desk.world
    desk.sign()
    due = desk.task.due_at
    assert due is not None
    world.now = due - timedelta(hours=1)
    world.work(world.now)
    world.complete("handler", desk.case_id, HANDLE)
    world.now = due + timedelta(hours=1)
    desk.on(done(desk, "handle").id, "handler", moves.recall)
    handle = desk.task
    world.work(world.now)
    world.work(world.now)

    expired = [
        event for event in world.events(desk.case_id, "clock.expired") if event.task_id == handle.id
    ]
    assert len(expired) == 1
    assert desk.task.due_at == due


def test_it_leaves_alone_what_somebody_has_begun(desk: Desk) -> None:
    """Signed for, even if given back: the next step was touched. A reminder touches nothing."""
    world = desk.world
    world.complete("handler", desk.case_id, HANDLE)
    handle = done(desk, "handle")
    world.now += timedelta(minutes=1)
    desk.move("town_supervisor", moves.urge)
    assert offered(desk, "handler", handle.id) is True
    desk.move("worker", cases.sign)
    desk.move("worker", cases.release)

    assert offered(desk, "handler", handle.id) is False
    with pytest.raises(Conflict):
        desk.on(handle.id, "handler", moves.recall)
    assert world.open_nodes(desk.case_id) == ["track"]


def test_it_recalls_once_however_often_it_is_pressed(desk: Desk) -> None:
    """The second click finds the task open and changes nothing."""
    world = desk.world
    world.complete("handler", desk.case_id, HANDLE)
    handle = done(desk, "handle")
    desk.on(handle.id, "handler", moves.recall)

    with pytest.raises(Conflict):
        desk.on(handle.id, "handler", moves.recall)
    assert world.kinds(desk.case_id).count("task.recalled") == 1


@pytest.mark.parametrize(
    ("login", "error"),
    [("colleague", NotAllowed), ("department_leader", NotAllowed), ("sibling", NotFound)],
)
def test_it_lets_nobody_recall_what_another_did(
    desk: Desk, login: str, error: type[DomainError]
) -> None:
    """Neither colleague nor leader; a stranger learns nothing."""
    desk.world.complete("handler", desk.case_id, HANDLE)
    handle = done(desk, "handle")

    with pytest.raises(error):
        desk.on(handle.id, login, moves.recall)
    if login != "sibling":
        assert offered(desk, login, handle.id) is None


def test_it_recalls_the_last_step_alone(desk: Desk) -> None:
    """A step before the last is history, and so is a step whose case has ended."""
    world = desk.world
    world.complete("handler", desk.case_id, HANDLE)
    handle = done(desk, "handle")
    world.complete("worker", desk.case_id, TRACK_BAD)

    with pytest.raises(Conflict):
        desk.on(handle.id, "handler", moves.recall)

    settled = world.open(settled="yes", settled_how="当场清理。", photos=[world.photo()])
    with reading() as db:
        opening = db.scalars(select(Task).where(Task.case_id == settled)).first()
    assert opening is not None
    with pytest.raises(Conflict):
        desk.on(opening.id, "worker", moves.recall)
