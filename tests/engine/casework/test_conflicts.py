"""Double submits, two people on one task, strangers: one effect, a clear message, a trace."""

from __future__ import annotations

import threading

import pytest
from flask import current_app

from engine.casework import cases
from engine.errors import (
    AlreadySigned,
    DomainError,
    NotAllowed,
    NotFound,
    TaskAlreadyDone,
)
from engine.storage.db import transaction
from tests.engine.casework.world import ACCEPT, DISPATCH, HANDLE, World


def test_it_refuses_a_second_completion(world: World) -> None:
    """The second click is told who was first; there is one effect and one trace of it."""
    case_id = world.open()
    accept = world.task(case_id)
    world.complete("grid_leader", case_id, ACCEPT)

    with (
        pytest.raises(TaskAlreadyDone) as refusal,
        transaction() as db,
    ):
        actor = world.actor(db, "grid_leader")
        cases.complete_task(db, actor, accept.id, ACCEPT, now=world.now)

    assert "员工grid_leader" in refusal.value.text.zh
    assert world.kinds(case_id).count("task.completed") == 2
    assert world.kinds(case_id)[-1] == "refused"


def test_it_lets_one_of_two_colleagues_sign(world: World) -> None:
    """Who is second hears who was first; releasing gives it back to the queue."""
    case_id = _handled(world)
    task = world.task(case_id)
    with transaction() as db:
        cases.sign(db, world.actor(db, "handler"), task.id, now=world.now)

    with pytest.raises(AlreadySigned) as refusal, transaction() as db:
        cases.sign(db, world.actor(db, "colleague"), task.id, now=world.now)
    with pytest.raises(NotAllowed), transaction() as db:
        cases.complete_task(db, world.actor(db, "colleague"), task.id, HANDLE, now=world.now)
    assert "员工handler" in refusal.value.text.zh

    with transaction() as db:
        cases.release(db, world.actor(db, "handler"), task.id, now=world.now)
    with transaction() as db:
        cases.sign(db, world.actor(db, "colleague"), task.id, now=world.now)
    assert world.task(case_id).assignee_id == world.logins["colleague"]


def test_it_signs_once_however_often_the_button_is_pressed(world: World) -> None:
    """Signing what is mine already changes nothing."""
    case_id = _handled(world)
    task = world.task(case_id)
    for _ in range(3):
        with transaction() as db:
            cases.sign(db, world.actor(db, "handler"), task.id, now=world.now)

    assert world.kinds(case_id).count("task.signed") == 1


@pytest.mark.parametrize("login", ["sibling", "water_handler"])
def test_it_looks_to_a_stranger_as_if_there_were_no_case(world: World, login: str) -> None:
    """A sibling unit learns nothing, not even that the case exists."""
    case_id = _handled(world)
    task = world.task(case_id)
    attempts = [
        lambda db, actor: cases.sign(db, actor, task.id, now=world.now),
        lambda db, actor: cases.complete_task(db, actor, task.id, HANDLE, now=world.now),
        lambda db, actor: cases.return_task(db, actor, task.id, "dispatch", "x", now=world.now),
        lambda db, actor: cases.send_message(db, actor, case_id, "withdraw", {}, now=world.now),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound), transaction() as db:
            attempt(db, world.actor(db, login))


def test_it_lets_those_see_who_handled_it_before_but_not_work_on_it(world: World) -> None:
    """The grid leader who accepted it reads on and cannot do the department's work."""
    case_id = _handled(world)
    task = world.task(case_id)

    with pytest.raises(NotAllowed), transaction() as db:
        cases.sign(db, world.actor(db, "grid_leader"), task.id, now=world.now)


def test_it_completes_once_when_many_press_at_once(world: World) -> None:
    """Six threads, one effect; every loser is told why."""
    case_id = _handled(world)
    task = world.task(case_id)
    outcomes: list[str] = []
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    photos = {login: world.photo(login) for login in ("handler", "colleague")}

    def press(login: str) -> None:
        with app.app_context():
            try:
                with transaction() as db:
                    actor = world.actor(db, login)
                    answers = {**HANDLE, "handle_photos": [photos[login]]}
                    cases.complete_task(db, actor, task.id, answers, now=world.now)
                outcomes.append("done")
            except DomainError as error:
                outcomes.append(type(error).__name__)

    logins = ["handler", "colleague"] * 3
    threads = [threading.Thread(target=press, args=(login,)) for login in logins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["TaskAlreadyDone"] * 5 + ["done"]
    assert world.open_nodes(case_id) == ["track"]


def _handled(world: World) -> int:
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, DISPATCH)
    return case_id
