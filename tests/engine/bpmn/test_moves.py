"""Moving a token: sending back, into and out of subprocesses and parallel blocks."""

from __future__ import annotations

import pytest

from engine.bpmn import CannotMove, UnknownTask
from tests.engine.bpmn.diagrams import Case, diagram, flows, process, user

BLOCK = diagram(
    process(
        '<parallelGateway id="f"/><parallelGateway id="j"/>' + user("a", "b", "c", "d", "z"),
        "a > f; f > b > c > j; f > d > j; j > z",
    )
)


def test_it_sends_a_task_back_and_says_so():
    case = Case(diagram(process(user("a", "b", "c"), "a > b > c"))).start().do("a").do("b")
    case.back("c", "a")

    assert case.open == ["a"]
    assert [task.how for task in case.step.closed_tasks] == ["moved"]
    assert case.do("a").do("b").do("c").step.ended


def test_it_leaves_other_branches_alone():
    case = Case(BLOCK).start().do("a").do("b")
    assert case.back("c", "b").open == ["b", "d"]
    assert case.do("b").do("c").open == ["d"]
    assert case.do("d").open == ["z"]


def test_it_does_not_wait_for_finished_branches_again_after_going_back_into_one():
    case = Case(BLOCK).start().do("a").do("b").do("c").do("d").back("z", "c")
    assert case.open == ["c"]

    assert case.do("c").open == ["z"]
    assert case.do("z").step.ended


def test_it_runs_a_whole_block_again_after_going_back_before_it():
    case = Case(BLOCK).start().do("a").do("b").do("c").do("d").back("z", "a").do("a")
    assert case.open == ["b", "d"]

    assert case.do("d").do("b").do("c").open == ["z"]


def test_it_still_waits_for_a_branch_that_arrived_before_the_going_back():
    case = Case(BLOCK).start().do("a").do("d").do("b").back("c", "b")

    assert case.do("b").do("c").open == ["z"]


def test_it_takes_the_border_events_along():
    timer = (
        '<boundaryEvent id="t" attachedToRef="b"><timerEventDefinition>'
        "<timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>"
    )
    case = Case(diagram(process(user("a", "b", "late") + timer, "a > b; t > late")))
    case.start().do("a")
    first = next(iter(case.timers))

    case.back("b", "a")
    assert case.step.disarmed_timers == (first,)
    case.do("a")
    assert len(case.timers) == 1
    assert case.wait(hours=1).open == ["late"]


NESTED = diagram(
    process(
        user("a", "z")
        + '<subProcess id="sub"><startEvent id="s2"/>'
        + user("u", "v")
        + flows("s2 > u > v")
        + "</subProcess>",
        "a > sub > z",
    )
)


def test_it_leaves_a_subprocess():
    case = Case(NESTED).start().do("a").do("u").back("v", "a")
    assert case.open == ["a"]

    assert case.do("a").open == ["u"]


def test_it_goes_back_into_a_subprocess():
    case = Case(NESTED).start().do("a").do("u").do("v").back("z", "v")
    assert case.open == ["v"]

    assert case.do("v").open == ["z"]
    assert case.do("z").step.ended


def test_it_moves_a_multi_instance_task_as_a_whole():
    marker = (
        "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>"
        "</multiInstanceLoopCharacteristics>"
    )
    body = user("a") + f'<userTask id="m">{marker}</userTask>'
    case = Case(diagram(process(body, "a > m"))).start().do("a").back("m", "a", index=1)

    assert case.open == ["a"]
    assert [task.how for task in case.step.closed_tasks] == ["moved"] * 3


def test_it_refuses_a_target_that_is_not_in_the_case():
    case = Case(NESTED).start()

    with pytest.raises(UnknownTask):
        case.back("a", "nowhere")


def test_it_puts_a_token_on_a_join_in_place_of_those_that_are_missing():
    case = Case(BLOCK).start().do("a").do("d").do("b").back("c", "j")

    assert case.open == ["z"]
    assert case.do("z").step.ended


def test_it_leaves_a_parallel_block_as_a_whole():
    case = Case(BLOCK).start().do("a").do("b").back("c", "a")
    assert case.open == ["a"]
    assert {task.node_id: task.how for task in case.step.closed_tasks} == {
        "c": "moved",
        "d": "cancelled",
    }

    assert case.do("a").do("b").do("c").do("d").open == ["z"]
    assert case.do("z").step.ended


def test_it_forgets_what_had_arrived_at_the_join_of_a_block_that_is_left():
    case = Case(BLOCK).start().do("a").do("d").back("b", "a").do("a").do("b").do("c")
    assert case.open == ["d"]

    assert case.do("d").do("z").step.ended


def test_it_refuses_to_move_a_task_into_another_branch_of_its_block():
    case = Case(BLOCK).start().do("a")

    with pytest.raises(CannotMove):
        case.back("d", "b")


def test_it_takes_the_place_of_the_main_way_when_a_reminder_sends_back():
    timer = (
        '<boundaryEvent id="t" attachedToRef="b" cancelActivity="false"><timerEventDefinition>'
        "<timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>"
    )
    files = diagram(process(user("a", "b", "c", "boss") + timer, "a > b > c; t > boss"))

    case = Case(files).start().do("a").wait(hours=1).back("boss", "a")
    assert case.open == ["a"]
    case = Case(files).start().do("a").wait(hours=1).back("b", "a")
    assert case.open == ["a", "boss"]
