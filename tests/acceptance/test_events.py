"""Timers, messages, signals, escalations, errors, terminations, through the use cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import Conflict
from tests.acceptance import diagrams as d
from tests.acceptance.play import Play
from tests.engine.casework.world import World


def test_it_takes_a_task_away_when_its_timer_fires(world: World) -> None:
    body = d.users("a late z") + d.border("t", "a", d.timer("PT4H"))
    play = Play(world, d.build(body, "a > z; t > late"))

    assert play.timers == {"t": world.now + timedelta(hours=4)}
    assert play.wait(hours=3)["fired"] == 0
    play.wait(hours=1)
    assert play.open == ["late"] and play.timers == {}
    assert play.outcomes("a") == ["cancelled"]
    assert {"timer.fired", "task.cancelled"} <= set(play.kinds)


def test_it_disarms_the_timer_of_a_task_that_is_done(world: World) -> None:
    body = d.users("a late z") + d.border("t", "a", d.timer("PT4H"))
    play = Play(world, d.build(body, "a > z; t > late")).do("a")

    assert play.timers == {}
    play.wait(days=1)
    assert play.open == ["z"]


def test_it_reminds_beside_the_task_as_often_as_the_cycle_says(world: World) -> None:
    cycle = d.timer("R2/P1D", "timeCycle")
    body = d.users("a remind z") + d.border("t", "a", cycle, interrupting=False)
    play = Play(world, d.build(body, "a > z; t > remind"))
    play.wait(days=1)
    assert play.open == ["a", "remind"] and list(play.timers) == ["t"]
    play.wait(days=1)
    assert play.open == ["a", "remind", "remind"] and play.timers == {}

    play.wait(days=5)
    play.do("remind").do("a").do("remind")
    assert play.do("z").end


def test_it_fires_missed_cycles_once(world: World) -> None:
    cycle = d.timer("R/PT1H", "timeCycle")
    body = d.users("a remind") + d.border("t", "a", cycle, interrupting=False)
    play = Play(world, d.build(body, "a; t > remind"))
    began = world.now
    play.wait(hours=5, minutes=30)

    assert play.open == ["a", "remind"]
    assert play.timers == {"t": began + timedelta(hours=6)}


def test_it_waits_for_working_days_and_for_a_date(world: World) -> None:
    body = d.catch("days", d.timer("working days(1)")) + d.users("a z")
    body += d.catch("day", d.timer("2026-12-01", "timeDate"))
    play = Play(world, d.build(body, "a > days > day > z")).do("a")

    # Friday 09:00: the working day ends on Monday at close of office.
    assert play.timers == {"days": datetime(2026, 11, 23, 10, tzinfo=UTC)}
    play.wait(days=4)
    assert play.timers == {"day": datetime(2026, 11, 30, 16, tzinfo=UTC)}
    play.wait(days=7)
    assert play.open == ["z"]


def test_it_arms_the_timer_of_an_event_subprocess_when_the_case_opens(world: World) -> None:
    late = d.event_sub("k", d.timer("P2D"), d.user("late"), "late", interrupting=False)
    play = Play(world, d.build(d.user("a") + late, "a"))

    assert play.timers == {"k_s": world.now + timedelta(days=2)}
    play.wait(days=2)
    assert play.open == ["a", "late"]
    assert play.do("a").do("late").end


def test_it_keeps_what_the_start_did_before_the_case_was_opened(world: World) -> None:
    told = d.action("first", "set_priority", priority='"urgent"')
    body = told + d.gateway("f", "parallel") + d.users("beside a")
    files = d.build(body, "f > a", {})
    diagram = files["processes/p/p.bpmn"].decode()
    # The opening task stands behind a service and a fork instead of right behind the start.
    for old, new in (
        ('sourceRef="s" targetRef="open"', 'sourceRef="s" targetRef="first"'),
        ('id="open_f" sourceRef="open" targetRef="f"', 'id="x" sourceRef="first" targetRef="f"'),
        ('id="f_a" sourceRef="f" targetRef="a"', 'id="y" sourceRef="open" targetRef="a"'),
        ("</process>", d.flows("f > open; f > beside") + "</process>"),
        ('numberPrefix="试"', 'numberPrefix="试" opens="open"'),
    ):
        assert old in diagram
        diagram = diagram.replace(old, new)
    play = Play(world, {**files, "processes/p/p.bpmn": diagram.encode()})

    assert play.open == ["a", "beside"]
    assert play.case.priority == "urgent"
    assert "effect.priority" in play.kinds


@pytest.mark.parametrize("interrupting", [True, False])
def test_it_answers_a_message_on_the_border(world: World, interrupting: bool) -> None:
    body = d.users("a b z") + d.border("w", "a", d.message(), interrupting)
    play = Play(world, d.build(body, "a > z; w > b")).send("withdraw")

    assert play.open == (["b"] if interrupting else ["a", "b"])
    if interrupting:
        with pytest.raises(Conflict):
            play.send("withdraw")
    else:
        assert play.send("withdraw").open == ["a", "b", "b"]


def test_it_ends_the_whole_case_by_an_event_subprocess(world: World) -> None:
    withdraw = d.event_sub("k", d.message(), d.user("confirm"), "confirm > gone")
    withdraw = withdraw.replace("</subProcess>", d.end("gone") + "</subProcess>")
    body = d.gateway("f", "parallel") + d.users("a b")
    play = Play(world, d.build(body + withdraw, "f > a; f > b"))
    play.send("withdraw")

    assert play.open == ["confirm"]
    assert play.outcomes("a") == play.outcomes("b") == ["cancelled"]
    assert play.do("confirm").end


def test_it_hears_a_signal_on_every_branch(world: World) -> None:
    body = d.gateway("f", "parallel") + d.users("warn a b") + d.throw("cry", d.signal())
    body += d.catch("hear", d.signal()) + d.user("c") + d.border("stop", "b", d.signal())
    body += d.user("safe")
    play = Play(world, d.build(body, "f > warn > cry; f > hear > c; f > b > a; stop > safe"))

    assert play.open == ["b", "warn"]
    assert play.do("warn").open == ["c", "safe"]
    assert play.outcomes("b") == ["cancelled"]


@pytest.mark.parametrize("interrupting", [True, False])
def test_it_lets_a_subprocess_escalate(world: World, interrupting: bool) -> None:
    inner = d.users("a b") + d.throw("up", d.escalation())
    body = d.sub("k", inner, "a > up > b") + d.border("e", "k", d.escalation(), interrupting)
    play = Play(world, d.build(body + d.users("chief z"), "k > z; e > chief")).do("a")

    assert play.open == (["chief"] if interrupting else ["b", "chief"])


def test_it_catches_the_error_of_an_action_inside(world: World) -> None:
    body = d.sub("k", d.user("a") + d.action("x", "fail", code='"E1"'), "a > x")
    body += d.border("e", "k", d.error()) + d.users("mend z")
    play = Play(world, d.build(body, "k > z; e > mend")).do("a")

    assert play.open == ["mend"]
    assert play.incidents() == []


def test_it_catches_an_error_end_in_an_event_subprocess(world: World) -> None:
    mend = d.event_sub("h", d.error(), d.user("mend"), "mend")
    body = d.users("a") + d.end("bad", d.error())
    play = Play(world, d.build(body + mend, "a > bad")).do("a")

    assert play.open == ["mend"]
    assert play.do("mend").end


def test_it_ends_everything_at_a_terminate_event(world: World) -> None:
    body = d.gateway("f", "parallel") + d.users("a b") + d.end("all", d.terminate())
    body += d.border("t", "b", d.timer("P1D"), interrupting=False) + d.user("late")
    play = Play(world, d.build(body, "f > a > all; f > b; t > late"))
    play.do("a")

    assert play.end == "all"
    assert play.outcomes("b") == ["cancelled"]
    play.wait(days=3)
    assert play.outcomes("late") == []


def test_it_terminates_no_more_than_the_subprocess(world: World) -> None:
    inner = d.gateway("f", "parallel") + d.users("a b") + d.end("all", d.terminate())
    body = d.sub("k", inner, "f > a > all; f > b") + d.user("z")
    play = Play(world, d.build(body, "k > z")).do("a")

    assert play.open == ["z"]
    assert play.outcomes("b") == ["cancelled"]


def test_it_lets_an_overdue_task_escalate_by_the_diagram(world: World) -> None:
    """A rung of the escalation table throws what the border of the task catches."""
    clocks = {"limit": "1", "limitUnit": "hours"}
    body = d.user("a", **clocks) + d.border("e", "a", d.escalation(), interrupting=False)
    play = Play(world, d.build(body + d.user("chief"), "a; e > chief"))
    play.wait(hours=2)

    assert "clock.expired" in play.kinds
    assert "a" in play.open
