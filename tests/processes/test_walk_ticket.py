"""Every way through the grid ticket: who gets it, at which level, within which limit."""

from __future__ import annotations

import pytest

from engine.bpmn import NotCaught
from tests.processes.walk import Script, Walk, assert_task, untaken

ROAD = {
    "settled": False,
    "category": "道路交通",
    "setting": "乡村道路",
    "danger": False,
    "has_reporter": True,
    "found_on": "2026-11-23",
}
BUREAU = "交通运输局"


def reported(**answers: object) -> Walk:
    """A ticket that a grid worker has reported."""
    return Walk("ticket", "grid", **{**ROAD, **answers})


def handed_up(**answers: object) -> Walk:
    """A ticket that the grid leader has handed up."""
    return reported(**answers).do("accept", acceptance="上报分流")


def handling() -> Walk:
    """A ticket that the department of the table handles."""
    return handed_up().do("dispatch", dispatch_mode="单位承办", unit_choice="按分流表")


def settled_on_the_spot() -> Walk:
    """Settled at once: recorded, nothing else."""
    walk = reported(settled=True)
    assert walk.step.ended and walk.step.end_node == "end_settled"
    return walk


def refused() -> Walk:
    """Refused with an explanation."""
    walk = reported()
    assert_task(walk, "accept", "grid_leader", "village", None, 1, "working_days")
    walk.do("accept", acceptance="不予受理")
    assert_task(walk, "inform_refusal", "grid_leader", "village", None, 1, "working_days")
    walk.do("inform_refusal")
    assert walk.step.end_node == "end_refused"
    return walk


def withdrawn() -> Walk:
    """The reporter takes it back before it is accepted."""
    walk = reported().send("withdraw")
    assert walk.step.ended and walk.step.end_node == "end_withdrawn"
    return walk


def settled_in_the_village() -> Walk:
    """The village does it itself."""
    walk = reported().do("accept", acceptance="村内办理")
    assert_task(walk, "handle_village", "grid_leader", "village", None, 2, "working_days")
    walk.do("handle_village", village_result="办好")
    assert_task(walk, "track", "grid_worker", "grid", None, 2, "working_days")
    walk.do("track", track_result="已解决")
    assert_task(walk, "feedback", "grid_worker", "grid", None, 1, "working_days")
    walk.do("feedback")
    assert_task(walk, "rate", "dispatcher", "township", None, 1, "working_days")
    walk.do("rate", satisfaction="满意")
    assert walk.step.end_node == "end_closed"
    return walk


def beyond_the_village() -> Walk:
    """The village tries, and hands it up; the county's centre gets it on the second hand-up."""
    walk = reported().do("accept", acceptance="村内办理")
    walk.do("handle_village", village_result="办不了")
    assert walk.level == "township"
    assert_task(walk, "dispatch", "dispatcher", "township", None, 4, "working_hours")
    walk.do("dispatch", dispatch_mode="单位承办", unit_choice="按分流表")
    walk.send("hand_up")
    assert walk.level == "county"
    assert_task(walk, "dispatch", "dispatcher", "county", None, 4, "working_hours")
    walk.do("dispatch", dispatch_mode="单位承办", unit_choice="另行指定", chosen_unit="620725-X")
    assert_task(walk, "handle", "handler", "county", "620725-X", 7, "working_days")
    walk.send("hand_up")
    assert walk.level == "county"
    assert_task(walk, "dispatch", "dispatcher", "county", None, 4, "working_hours")
    return walk


def unsolved_in_the_village() -> Walk:
    """What the village did not solve goes up, not round in circles."""
    walk = reported().do("accept", acceptance="村内办理")
    walk.do("handle_village", village_result="办好").do("track", track_result="未解决")
    assert walk.level == "township"
    assert_task(walk, "dispatch", "dispatcher", "township", None, 4, "working_hours")
    return walk


def closed_early() -> Walk:
    """A duplicate is closed by the dispatcher."""
    walk = handed_up().send("close_early")
    assert walk.step.ended and walk.step.end_node == "end_closed_early"
    return walk


def handed_over() -> Walk:
    """A quarrel becomes a dispute of its own."""
    walk = handed_up().do("dispatch", dispatch_mode="转矛盾纠纷")
    assert walk.step.end_node == "end_transferred"
    (effect,) = [one for one in walk.step.effects if one.kind == "start_case"]
    assert effect.data["process"] == "dispute"
    return walk


def whistled() -> Walk:
    """The centre calls three departments; each reports in by itself, then the lead handles."""
    called = ["620725-A", "620725-B", "620725-C"]
    walk = handed_up().do(
        "dispatch", dispatch_mode="中心吹哨", unit_choice="按分流表", called_units=called
    )
    opened = [task for task in walk.step.opened_tasks if task.node_id == "whistle"]
    assert [task.unit for task in opened] == called
    assert_task(walk, "whistle", "handler", "county", "620725-A", 1, "working_days")
    walk.do("whistle", whistle_result="已到场").do("whistle", whistle_result="不属本部门职责")
    assert "handle" not in walk.open
    walk.do("whistle", whistle_result="已到场")
    assert_task(walk, "handle", "handler", "township", BUREAU, 7, "working_days")
    return walk


def supervised() -> Walk:
    """Late handling is supervised at the same time, and goes on."""
    walk = handling().late("handle")
    assert_task(walk, "supervise", "supervisor", "county", None, 1, "working_days")
    assert "handle" in walk.open
    walk.do("supervise", finish_by="2026-12-01")
    assert set(walk.open) == {"handle"}
    return walk


def dissatisfied_twice() -> Walk:
    """Tracked again, found unsolved once, dissatisfied once, then closed as dissatisfied."""
    walk = handling().do("handle", handle_result="已处置").do("track", track_result="继续跟踪")
    assert not walk.open
    walk.wait("wait_visit").do("track", track_result="未解决")
    assert_task(walk, "handle", "handler", "township", BUREAU, 7, "working_days")
    walk.do("handle", handle_result="已处置").do("track", track_result="已解决").do("feedback")
    walk.do("rate", satisfaction="不满意")
    assert_task(walk, "handle", "handler", "township", BUREAU, 7, "working_days")
    walk.do("handle", handle_result="已处置").do("track", track_result="已解决").do("feedback")
    walk.do("rate", satisfaction="不满意")
    assert walk.step.end_node == "end_dissatisfied"
    return walk


def planned() -> Walk:
    """Nothing can be done in winter: approved by the leader, told, reminded before the date."""
    walk = handling().do("handle", handle_result="已纳入计划", planned_on="2027-03-15")
    assert_task(walk, "approve_plan", "leader", "township", None, 1, "working_days")
    walk.do("approve_plan")
    (told,) = walk.step.effects
    assert "2027-03-15" in told.data["text"]
    (timer,) = walk.step.timers
    # The twelfth of March, at midnight in Shanghai.
    assert timer.fire_at.isoformat() == "2027-03-11T16:00:00+00:00"
    walk.wait("wait_plan")
    assert_task(walk, "handle", "handler", "township", BUREAU, 7, "working_days")
    return walk


def plan_refused() -> Walk:
    """A reason that does not hold goes back to the unit."""
    walk = handling().do("handle", handle_result="已纳入计划", planned_on="2027-03-15")
    walk.send_back("approve_plan", "handle")
    assert set(walk.open) == {"handle"}
    return walk


def outside_the_list() -> Walk:
    """No longer a matter for grid workers: straight to the centre, past the village."""
    walk = reported(category="露天焚烧", found_on="2027-06-01")
    assert_task(walk, "dispatch", "dispatcher", "township", None, 4, "working_hours")
    return walk


SCRIPTS: list[Script] = [
    outside_the_list,
    planned,
    plan_refused,
    settled_on_the_spot,
    refused,
    withdrawn,
    settled_in_the_village,
    beyond_the_village,
    unsolved_in_the_village,
    closed_early,
    handed_over,
    whistled,
    supervised,
    dissatisfied_twice,
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_it_goes_that_way(script: Script) -> None:
    script()


def test_it_takes_every_flow_at_least_once() -> None:
    assert untaken("ticket", SCRIPTS) == set()


def test_it_leaves_work_without_a_department_to_the_township() -> None:
    walk = handed_up(category="其他", setting="其他")

    walk.do("dispatch", dispatch_mode="单位承办", unit_choice="按分流表")

    assert_task(walk, "handle", "handler", "township", None, 15, "working_days")


def test_it_shortens_the_limit_where_somebody_is_in_danger() -> None:
    walk = handed_up(danger=True)

    walk.do("dispatch", dispatch_mode="单位承办", unit_choice="按分流表")

    assert_task(walk, "handle", "handler", "township", BUREAU, 4, "hours")
    assert walk.step.context.priority == "紧急"


def test_it_hands_a_complaint_over_to_the_hotline() -> None:
    walk = handed_up().do("dispatch", dispatch_mode="转热线")

    assert [one.data["process"] for one in walk.step.effects] == ["hotline"]


def test_it_can_be_returned_step_by_step() -> None:
    walk = reported().send_back("accept", "report")
    assert_task(walk, "report", "grid_worker", "grid", None, 1, "working_days")

    walk = handling().send_back("handle", "dispatch")
    assert_task(walk, "dispatch", "dispatcher", "township", None, 4, "working_hours")


def test_it_offers_hand_up_only_while_it_is_handled() -> None:
    assert handling().messages == {"hand_up"}
    assert handed_up().messages == {"close_early"}
    with pytest.raises(NotCaught):
        reported().send("hand_up")


def test_it_ends_the_supervision_with_the_case() -> None:
    walk = (
        handling()
        .late("handle")
        .do("handle", handle_result="已处置")
        .do("track", track_result="已解决")
    )
    walk.do("feedback").do("rate", satisfaction="满意")

    assert walk.step.ended
    assert [task.how for task in walk.step.closed_tasks if task.node_id == "supervise"] == [
        "cancelled"
    ]


def test_it_can_whistle_again_with_other_departments() -> None:
    walk = whistled().send_back("handle", "dispatch")

    walk.do(
        "dispatch",
        dispatch_mode="中心吹哨",
        unit_choice="按分流表",
        called_units=["620725-D", "620725-E"],
    )

    assert [task.unit for task in walk.step.opened_tasks] == ["620725-D", "620725-E"]
    walk.do("whistle", whistle_result="已到场").do("whistle", whistle_result="线上参与")
    assert walk.step.variables["whistle_reports"] == ["已到场", "线上参与"]


def test_it_does_not_grow_with_the_visits() -> None:
    walk = (
        handling()
        .do("handle", handle_result="已处置")
        .do("track", track_result="继续跟踪")
        .wait("wait_visit")
    )
    early = len(walk.step.state)

    for _ in range(60):
        walk.do("track", track_result="继续跟踪").wait("wait_visit")

    assert len(walk.step.state) <= early + 64
