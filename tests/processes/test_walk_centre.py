"""Every way through the single door: who gets it, at which level, within which limit."""

from __future__ import annotations

import pytest

from tests.processes.walk import Script, Walk, assert_task, untaken


def registered(**answers: object) -> Walk:
    """Somebody came to the window."""
    said = {"answered_now": False, "matter": "消费", "urgent": False, **answers}
    return Walk("centre", "county", **said)


def routed(route: str, *, mediable: bool = False, **answers: object) -> Walk:
    """The matter is sorted and goes one way."""
    walk = registered(**answers).do("sort", mediable=mediable)
    if mediable:
        walk.do("ask_wish", wish="愿意调解")
    return walk.do("route", route=route, unit_choice="按分流表")


def answered_at_once() -> Walk:
    """A question answered at the window is closed there."""
    walk = registered(answered_now=True)
    assert walk.step.answers == ("answered",)
    assert walk.step.end_node == "end_answered"
    return walk


def mediated() -> Walk:
    """Willing: a dispute is opened, linked and followed to its end."""
    walk = registered()
    assert_task(walk, "sort", "dispatcher", "county", None, 4, "working_hours")
    walk.do("sort", mediable=True)
    assert_task(walk, "ask_wish", "dispatcher", "county", None, 1, "working_days")
    walk.do("ask_wish", wish="愿意调解").do("route", route="人民调解", unit_choice="按分流表")
    told, started = walk.step.effects
    assert (told.kind, started.kind, started.data["process"]) == (
        "notify_citizen", "start_case", "dispute",
    )  # fmt: skip
    assert_task(walk, "follow", "dispatcher", "county", None, 35, "days")
    walk.do("follow")
    assert_task(walk, "feedback", "dispatcher", "county", None, 1, "working_days")
    walk.do("feedback", solved=True, explained=None)
    assert walk.step.end_node == "end_closed"
    return walk


def arbitrated() -> Walk:
    """Labour goes to arbitration, bounced once, with a meeting and late."""
    walk = routed("劳动仲裁", matter="劳动争议")
    assert_task(walk, "handle", "handler", "county", "人力资源和社会保障局", 45, "days")
    assert walk.messages == {"withdraw", "bounce", "call_meeting"}
    walk.send("bounce")
    assert set(walk.open) == {"route"}
    walk.do("route", route="行政调解", unit_choice="另行指定", chosen_unit="620725-SFJ")
    assert_task(walk, "handle", "handler", "county", "620725-SFJ", 30, "days")
    walk.send("call_meeting")
    assert_task(walk, "meeting", "dispatcher", "county", None, 3, "working_days")
    walk.late("handle")
    assert_task(walk, "urge", "supervisor", "county", None, 4, "working_hours")
    walk.do("meeting").do("urge").do("handle")
    assert set(walk.open) == {"feedback"}
    return walk.do("feedback", solved=False, explained=True)


def guided() -> Walk:
    """To the court's window, and its number is noted."""
    walk = routed("诉讼")
    assert_task(walk, "guide", "dispatcher", "county", None, 1, "working_days")
    return walk.do("guide").do("feedback", solved=True, explained=None)


def unsolved_twice() -> Walk:
    """Unsolved: another route; unsolved again: the supervisor decides."""
    walk = routed("行政调解").do("handle").do("feedback", solved=False, explained=False)
    assert set(walk.open) == {"route"}
    walk.do("route", route="行政裁决", unit_choice="按分流表").do("handle")
    walk.do("feedback", solved=False, explained=False)
    assert_task(walk, "review", "supervisor", "county", None, 2, "working_days")
    walk.do("review", verdict="责令重办")
    walk.do("route", route="行政裁决", unit_choice="按分流表").do("handle")
    walk.do("feedback", solved=False, explained=False).do("review", verdict="认定办结")
    assert walk.step.end_node == "end_reviewed"
    return walk


def withdrawn() -> Walk:
    """Whoever came may withdraw at any time."""
    walk = routed("信访").send("withdraw")
    assert walk.step.ended and walk.step.end_node == "end_withdrawn"
    return walk


SCRIPTS: list[Script] = [
    answered_at_once,
    mediated,
    arbitrated,
    guided,
    unsolved_twice,
    withdrawn,
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_it_goes_that_way(script: Script) -> None:
    script()


def test_it_takes_every_flow_at_least_once() -> None:
    assert untaken("centre", SCRIPTS) == set()


@pytest.mark.parametrize(
    ("route", "matter", "unit"),
    [
        ("信访", "其他", "信访局"),
        ("行政调解", "消费", "市场监督管理局"),
        ("行政调解", "土地林地", "自然资源局"),
        ("行政复议", "行政行为", "司法局"),
        ("公安", "婚姻家庭邻里", "公安局"),
        ("其他部门办理", "其他", "司法局"),
    ],
)
def test_it_goes_to_whoever_is_competent(route: str, matter: str, unit: str) -> None:
    assert routed(route, matter=matter).open["handle"].unit == unit


def test_danger_is_counted_by_the_clock() -> None:
    task = routed("公安", urgent=True).open["handle"]

    assert (task.limit, task.limit_unit) == (24, "hours")
