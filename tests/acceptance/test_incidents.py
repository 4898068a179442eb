"""What the engine cannot do is rolled back, listed in words, fixed by who may, and then over."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine import org
from engine.bpmn import ACTIONS
from engine.bpmn.actions import RegisteredAction
from engine.casework import incidents
from engine.errors import Conflict, DomainError, Incident, InvalidInput, NotAllowed, NotFound
from engine.models import Outbox, Unit
from engine.records import anchors
from engine.storage.db import reading, transaction
from engine.worker import repairs
from feel.text import Text
from tests.acceptance import diagrams as d
from tests.acceptance.play import Play
from tests.engine.casework.world import World

SUPERVISOR, ADMIN = "county_supervisor", "admin"


@pytest.fixture
def world(world: World) -> World:
    """The county with administrators: of the whole, and of another township."""
    with transaction() as db:
        for login, code in ((ADMIN, "620725"), ("far_admin", "T2")):
            unit = db.scalars(select(Unit).where(Unit.code == code)).one()
            user = org.create_user(
                db, None, login=login, name=login, password_hash="x", now=world.now
            )
            org.create_post(db, None, unit=unit, role="admin", user=user, now=world.now)
            world.logins[login] = user.id
    return world


def mend(world: World, act: Callable[..., Any], *args: Any, by: str = ADMIN, **more: Any) -> Any:
    """Call a repair as somebody."""
    with transaction() as db:
        return act(db, world.actor(db, by), *args, now=world.now, **more)


def listed(world: World, by: str = ADMIN) -> list[incidents.IncidentListRow]:
    """What somebody finds on the list."""
    with reading() as db:
        return incidents.unsolved(db, world.actor(db, by))[0]


def trouble(world: World, incident_id: int, by: str = ADMIN) -> incidents.IncidentDetail:
    """One incident as somebody sees it."""
    with reading() as db:
        return incidents.open_trouble(db, world.actor(db, by), incident_id)


def missing(world: World) -> Play:
    """A script after the task needs a rate that nobody has ever set."""
    body = d.user("a") + d.script("x", "fee = amount * rate") + d.users("z")
    return Play(world, d.build(body, "a > x > z", {"a": "amount:number"}))


def beside(world: World, name: str = "x") -> Play:
    """The same behind a timer, on one of two branches."""
    body = d.gateway("f", "parallel") + d.users("a b") + d.catch("t", d.timer("PT1H"))
    body += d.script(name, "fee = 3 * rate")
    return Play(world, d.build(body, f"f > a; f > t > {name} > b"))


def test_it_lists_a_missing_variable_with_element_words_and_values(world: World) -> None:
    play = missing(world)
    with pytest.raises(Incident):
        play.do("a", amount=7)

    (one,) = listed(world)
    assert (one.row.element, one.row.verb, one.case.id) == ("x", "complete", play.id)
    assert "rate" in one.reason.zh and "rate" in one.reason.en and one.reason.zh != one.reason.en
    assert trouble(world, one.row.id).values == {"rate": None}
    # Rolled back: the task is open, no answer was kept, the chain is whole.
    assert play.open == ["a"] and play.end is None
    assert play.kinds[-2:] == ["task.signed", "incident"]
    with reading() as db:
        assert anchors.verify(db) == []


def test_it_counts_a_repeated_incident_up(world: World) -> None:
    play = missing(world)
    for _ in range(2):
        with pytest.raises(Incident):
            play.do("a", amount=7)

    assert [one.row.times for one in listed(world)] == [2]


def test_it_goes_on_after_a_variable_was_set(world: World) -> None:
    play = missing(world)
    with pytest.raises(Incident):
        play.do("a", amount=7)
    (one,) = listed(world)
    mend(world, repairs.set_variable, one.row.id, "rate", "2 + 1")
    assert len(listed(world)) == 1

    play.do("a", amount=7)

    assert play.open == ["z"] and play.variables["fee"] == 21
    assert listed(world) == []
    assert {"incident.repaired", "incident.solved"} <= set(play.kinds)
    # The record names the variable; its value lies in the vault alone.
    (repaired,) = world.events(play.id, "incident.repaired")
    data = json.loads(repaired.data)
    assert data["name"] == "rate" and data["receipt"] and "3" not in data.values()


@pytest.mark.parametrize(
    ("name", "value", "field"), [("nobody", "1", "name"), ("rate", "1 +", "value")]
)
def test_it_refuses_a_variable_that_makes_no_sense(
    world: World, name: str, value: str, field: str
) -> None:
    play = missing(world)
    with pytest.raises(Incident):
        play.do("a", amount=7)

    with pytest.raises(InvalidInput) as refused:
        mend(world, repairs.set_variable, listed(world)[0].row.id, name, value)
    assert list(refused.value.errors) == [field]


def test_it_tells_who_submitted_that_it_is_worth_another_try(world: World) -> None:
    play = missing(world)
    with pytest.raises(Incident):
        play.do("a", amount=7)

    assert mend(world, repairs.retry, listed(world)[0].row.id, by=SUPERVISOR) is False
    with reading() as db:
        rows = db.scalars(select(Outbox).where(Outbox.key == "diagram.note")).all()
    assert [row.user_id for row in rows] == [world.logins["grid_leader"]]


def test_it_goes_on_with_the_sweep_and_the_other_branch(world: World) -> None:
    broken, healthy = beside(world), missing(world)
    body = d.users("a late") + d.border("t", "a", d.timer("PT1H"))
    other = Play(world, d.build(body, "a; t > late"))
    before = healthy.kinds
    report = broken.wait(hours=1)

    assert (report["failed"], report["fired"]) == (1, 1)
    assert other.open == ["late"]
    assert healthy.kinds == before
    assert [one.case.id for one in listed(world)] == [broken.id]
    assert broken.do("a").open == []
    assert broken.timers


def test_it_fires_what_was_put_off_when_it_is_tried_again(world: World) -> None:
    play = beside(world)
    play.wait(hours=1)
    (one,) = listed(world)
    assert one.row.verb == "fire.timer"
    with pytest.raises(Incident):
        mend(world, repairs.retry, one.row.id, by=SUPERVISOR)
    assert [again.row.times for again in listed(world)] == [2]

    mend(world, repairs.set_variable, one.row.id, "rate", "4")
    assert mend(world, repairs.retry, one.row.id, by=SUPERVISOR) is True

    assert play.open == ["a", "b"] and play.timers == {}
    assert listed(world) == []
    with reading() as db:
        assert anchors.verify(db) == []


def test_it_fires_what_was_put_off_at_the_next_sweep_after_a_repair(world: World) -> None:
    play = beside(world)
    play.wait(hours=1)
    mend(world, repairs.set_variable, listed(world)[0].row.id, "rate", "4")

    assert play.wait(seconds=1)["fired"] == 1
    assert play.open == ["a", "b"] and listed(world) == []


def test_it_makes_an_incident_of_an_action_that_raises(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: Any) -> Any:
        raise KeyError("13893612345")

    broken = RegisteredAction("explode", Text("出错", "explode"), (), (), explode)
    monkeypatch.setitem(ACTIONS, "explode", broken)
    play = Play(world, d.build(d.user("a") + d.action("x", "explode"), "a > x"))
    with pytest.raises(Incident):
        play.do("a")

    (one,) = listed(world)
    assert one.row.element == "x"
    # What an action chokes on may be personal: it is in no message.
    assert "13893612345" not in one.reason.zh + one.reason.en
    assert play.open == ["a"]


def test_it_makes_an_incident_of_a_loop_without_people(world: World) -> None:
    body = d.user("a") + d.script("x", "n = 1") + d.gateway("g", default="x") + d.user("z")
    play = Play(world, d.build(body, "a > x > g; g > x; g > z : n > 1"))
    with pytest.raises(Incident):
        play.do("a")

    assert len(listed(world)) == 1 and play.open == ["a"]


def test_it_moves_the_token_past_what_fails(world: World) -> None:
    play = missing(world)
    with pytest.raises(Incident):
        play.do("a", amount=7)
    (one,) = listed(world)
    (task,) = play.tasks("a")
    with pytest.raises(InvalidInput):
        mend(world, repairs.move, one.row.id, "z", "  ", task_id=task.id)
    mend(world, repairs.move, one.row.id, "z", "费用另算", task_id=task.id)

    assert play.open == ["z"] and play.outcomes("a") == ["moved"]
    assert listed(world) == []
    assert play.do("z").end


def test_it_leaves_a_failing_element_behind_a_timer_out(world: World) -> None:
    play = beside(world)
    play.wait(hours=1)
    mend(world, repairs.leave_out, listed(world)[0].row.id, "不再计费")

    assert play.open == ["a", "b"] and play.timers == {} and listed(world) == []


def test_it_strikes_a_failing_reminder_out_and_keeps_its_task(world: World) -> None:
    body = d.users("a b") + d.border("t", "a", d.timer("PT1H"), interrupting=False)
    body += d.script("x", "fee = 3 * rate")
    play = Play(world, d.build(body, "a; t > x > b"))
    play.wait(hours=1)
    mend(world, repairs.leave_out, listed(world)[0].row.id, "不再提醒")

    assert play.open == ["a"] and play.timers == {} and listed(world) == []
    assert play.wait(days=2)["failed"] == 0
    assert play.do("a").end


def test_it_leaves_out_nothing_that_a_person_submits(world: World) -> None:
    play = missing(world)
    with pytest.raises(Incident):
        play.do("a", amount=7)

    with pytest.raises(Conflict):
        mend(world, repairs.leave_out, listed(world)[0].row.id, "原因")


@pytest.mark.parametrize(
    ("login", "retrying", "repairing"),
    [
        ("grid_leader", NotAllowed, NotAllowed),
        ("sibling", NotFound, NotFound),
        ("far_admin", NotFound, NotFound),
        (SUPERVISOR, None, NotAllowed),
        (ADMIN, None, None),
    ],
)
def test_it_lets_supervisors_retry_and_only_administrators_repair(
    world: World,
    login: str,
    retrying: type[DomainError] | None,
    repairing: type[DomainError] | None,
) -> None:
    play = missing(world)
    with pytest.raises(Incident):
        play.do("a", amount=7)
    row = play.incidents()[0]
    acts = ((repairs.retry, (), retrying), (repairs.set_variable, ("rate", "1"), repairing))

    for act, args, refused in acts:
        if refused is None:
            mend(world, act, row.id, *args, by=login)
        else:
            with pytest.raises(refused):
                mend(world, act, row.id, *args, by=login)


def test_it_lists_for_the_area_alone(world: World) -> None:
    with pytest.raises(Incident):
        missing(world).do("a", amount=7)

    assert listed(world, "far_admin") == []
    assert len(listed(world, SUPERVISOR)) == 1
    with pytest.raises(NotAllowed):
        listed(world, "grid_leader")


def test_it_closes_the_incident_of_a_case_that_ends_otherwise(world: World) -> None:
    withdraw = d.event_sub("k", d.message(), d.end("gone"), "gone")
    body = d.user("a") + d.script("x", "fee = 1 * rate") + withdraw
    play = Play(world, d.build(body, "a > x"))
    with pytest.raises(Incident):
        play.do("a")
    play.send("withdraw")

    assert play.end and listed(world) == []


def test_a_variable_that_is_a_date_is_set_to_a_date(world: World) -> None:
    body = d.user("a") + d.script("x", "late = begun + rate") + d.users("z")
    play = Play(world, d.build(body, "a > x > z", {"open": "begun:date"}), begun="2026-11-30")
    with pytest.raises(Incident):
        play.do("a")
    (row,) = play.incidents()
    with pytest.raises(InvalidInput) as refused:
        mend(world, repairs.set_variable, row.id, "begun", '"soon"')
    assert "日期" in refused.value.errors["value"].zh
    mend(world, repairs.set_variable, row.id, "begun", 'date("2026-12-01")')
    mend(world, repairs.set_variable, row.id, "rate", '"P1D"')

    assert play.variables["begun"] == "2026-12-01"
