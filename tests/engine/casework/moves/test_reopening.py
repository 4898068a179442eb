"""Reopening: back to a step within the window, without an alarm at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.casework import moves
from engine.casework.moves import reopening
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.models import Case
from engine.reading import casefile
from engine.storage.db import reading, transaction
from tests.acceptance import diagrams as d
from tests.acceptance.play import Play
from tests.engine.casework.moves.claims import assert_whole
from tests.engine.casework.moves.conftest import Desk
from tests.engine.casework.world import FEEDBACK, HANDLE, RATE, TRACK, World


@pytest.fixture
def closed(desk: Desk) -> Desk:
    """A ticket that went its whole way."""
    steps = (
        ("handler", HANDLE),
        ("worker", TRACK),
        ("worker", FEEDBACK),
        ("dispatcher", RATE),
    )
    for login, answers in steps:
        desk.world.complete(login, desk.case_id, answers)
    assert desk.world.open_nodes(desk.case_id) == []
    return desk


def case_of(desk: Desk) -> Case:
    with reading() as db:
        return db.get_one(Case, desk.case_id)


def ready(desk: Desk, login: str) -> bool | None:
    with reading() as db:
        actor = desk.world.actor(db, login)
        file = casefile.open_file(db, actor, desk.case_id)
        found = moves.offers(db, actor, file, None, desk.world.now)
    return {offer.move.key: offer.ready for offer in found}.get("reopen")


def test_it_goes_back_to_a_step_with_fresh_clocks(closed: Desk) -> None:
    """Not solved: the department has it again, from now; the citizen's clock goes on."""
    world = closed.world
    assert case_of(closed).due_at == datetime(2026, 12, 25, 10, 0, tzinfo=UTC)
    world.now += timedelta(days=10)
    closed.on(closed.case_id, "town_leader", moves.reopen, "handle", "群众反映灯又坏了")

    task, case = closed.task, case_of(closed)
    assert (task.node_id, task.opened_at, task.assignee_id) == ("handle", world.now, None)
    assert task.sign_due_at is not None and task.sign_due_at > world.now
    assert (case.closed_at, case.outcome, case.answered_at) == (None, None, None)
    # 42 office hours from answer to reopening: six working days after 25 December, over New Year.
    assert case.due_at == datetime(2027, 1, 5, 10, 0, tzinfo=UTC)
    assert_whole()
    world.work(world.now)
    assert "escalated" not in world.kinds(closed.case_id)
    assert "clock.expired" not in world.kinds(closed.case_id)


def test_it_ends_again_as_ever(closed: Desk) -> None:
    """From the step it went back to, the case goes its way to the end a second time."""
    closed.on(closed.case_id, "town_supervisor", moves.reopen, "track", "再看一次")
    for login, answers in (("worker", TRACK), ("worker", FEEDBACK), ("dispatcher", RATE)):
        closed.world.complete(login, closed.case_id, answers)

    assert case_of(closed).closed_at is not None
    assert closed.world.kinds(closed.case_id).count("case.closed") == 2
    assert_whole()


def test_it_reopens_once_and_only_what_is_closed(closed: Desk, world: World) -> None:
    """The second click finds it open; what was settled at opening has no step to go back to."""
    closed.on(closed.case_id, "town_leader", moves.reopen, "handle", "没修好")
    with pytest.raises(Conflict):
        closed.on(closed.case_id, "town_leader", moves.reopen, "handle", "没修好")
    settled = world.open(settled="yes", settled_how="当场清理。", photos=[world.photo()])
    with pytest.raises(Conflict):
        closed.on(settled, "town_leader", moves.reopen, "handle", "没修好")
    assert world.kinds(closed.case_id).count("case.reopened") == 1


def test_it_keeps_to_the_window(closed: Desk) -> None:
    """Fifteen days from 20 November, moved from Saturday to Monday, 7 December, 24:00."""
    closed.world.now += timedelta(days=17, hours=14, minutes=59)
    assert ready(closed, "town_leader") is True
    closed.world.now += timedelta(minutes=2)

    assert ready(closed, "town_leader") is False
    with pytest.raises(Conflict):
        closed.on(closed.case_id, "town_leader", moves.reopen, "handle", "没修好")


@pytest.mark.parametrize(
    ("login", "error"), [("handler", NotAllowed), ("worker", NotAllowed), ("sibling", NotFound)]
)
def test_it_is_for_superiors(closed: Desk, login: str, error: type[Exception]) -> None:
    """Who handled it cannot reopen it; strangers do not know of it."""
    with pytest.raises(error):
        closed.on(closed.case_id, login, moves.reopen, "handle", "没修好")
    if error is NotAllowed:
        assert ready(closed, login) is None


def test_it_goes_only_where_the_case_has_been(closed: Desk) -> None:
    """Neither to an unknown step nor to the opening, nor without a reason."""
    for target, reason in (("nowhere", "x"), ("report", "x"), ("handle", " ")):
        with pytest.raises(InvalidInput):
            closed.on(closed.case_id, "town_leader", moves.reopen, target, reason)
    with reading() as db:
        actor = closed.world.actor(db, "town_leader")
        file = casefile.open_file(db, actor, closed.case_id)
        work = moves.standing(db, actor, file, None, closed.world.now)
        steps = [node.id for node in reopening.targets(work)]
    assert steps == ["accept", "dispatch", "handle", "track", "feedback", "rate"]
    assert case_of(closed).closed_at is not None


def test_a_moment_that_passed_while_it_was_closed_never_comes(world: World) -> None:
    """Of two timers that waited beside the last step, only the one that is still to come does."""
    soon, late = (
        d.catch(name, d.timer(after)) for name, after in (("soon", "P2D"), ("late", "P20D"))
    )
    body = d.gateway("f", "parallel") + d.users("a b c") + d.end("all", d.terminate())
    play = Play(world, d.build(body + soon + late, "f > a > all; f > soon > b; f > late > c"))
    play.do("a")
    world.now += timedelta(days=5)
    with transaction() as db:
        leader = world.actor(db, "town_leader")
        moves.reopen(db, leader, play.id, "a", "再办一次", now=world.now)

    assert play.timers.keys() == {"late"}
    play.wait(hours=1)
    assert play.open == ["a"]
