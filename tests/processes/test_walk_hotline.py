"""Every way through the hotline order: who gets it, at which level, within which limit."""

from __future__ import annotations

import pytest

from engine.bpmn import NotCaught
from tests.processes.walk import Script, Walk, assert_task, untaken

HEATING = {
    "answered_now": False,
    "request_kind": "投诉",
    "topic": "住房建设",
    "area": "城区",
    "urgent": False,
    "call_back_wanted": True,
    "refused_now": False,
    "channel": "电话",
    "item": "目录外",
}
BUREAU = "住房和城乡建设局"
BY_TABLE = {
    "dispatch_mode": "派单",
    "unit_choice": "按分流表",
    "statutory": False,
    "co_units": None,
}


def registered(**answers: object) -> Walk:
    """A call that became an order."""
    return Walk("hotline", "county", **{**HEATING, **answers})


def handling(**answers: object) -> Walk:
    """An order that the department of the table handles."""
    return registered(**answers).do("dispatch", **BY_TABLE)


def called_back(**answers: object) -> Walk:
    """The reply is in order, the citizen is called back."""
    return handling(**answers).do("handle").do("check", reply_ok=True)


def answered() -> Walk:
    """The operator knew the answer."""
    walk = registered(answered_now=True)
    assert walk.step.ended and walk.step.end_node == "end_answered"
    return walk


def refused() -> Walk:
    """Not for the hotline."""
    walk = registered()
    assert_task(walk, "dispatch", "dispatcher", "county", None, 4, "working_hours")
    walk.do("dispatch", dispatch_mode="不予受理", unit_choice=None)
    assert_task(walk, "inform_refusal", "operator", "county", None, 1, "working_days")
    walk.do("inform_refusal")
    assert walk.step.end_node == "end_refused"
    return walk


def refused_on_the_phone() -> Walk:
    """The operator said why, and which legal route is open."""
    walk = registered(refused_now=True)
    assert walk.step.ended and walk.step.end_node == "end_refused_now"
    return walk


def by_law() -> Walk:
    """A complaint to the market authority: told at once, handled within the limit of law."""
    walk = registered().do("dispatch", **{**BY_TABLE, "statutory": True})
    assert_task(walk, "interim", "handler", "township", BUREAU, 5, "working_days")
    walk.do("interim", law_kind="市场监管投诉", law_from="2026-11-20")
    assert_task(walk, "handle_legal", "handler", "township", BUREAU, 45, "working_days")
    walk.send_back("handle_legal", "interim")
    walk.do("interim", law_kind="信访", law_from="2026-11-20")
    assert_task(walk, "handle_legal", "handler", "township", BUREAU, 60, "days")
    walk.do("handle_legal")
    assert set(walk.open) == {"check"}
    return walk


def of_the_city() -> Walk:
    """Replied upward, sent back once, accepted above; nobody is called back twice."""
    walk = registered(channel="上级转办").do("dispatch", **BY_TABLE).do("handle")
    walk.do("check", reply_ok=True)
    assert_task(walk, "reply_up", "dispatcher", "county", None, 4, "working_hours")
    walk.do("reply_up")
    assert_task(walk, "upper_result", "operator", "county", None, 10, "working_days")
    walk.do("upper_result", upper_verdict="退回重办").do("check", reply_ok=False)
    walk.do("correct").do("check", reply_ok=True).do("reply_up")
    walk.do("upper_result", upper_verdict="认可办结")
    assert walk.step.ended and walk.step.end_node == "end_upper"
    return walk


def handed_over() -> Walk:
    """A matter of the grid becomes a ticket."""
    walk = registered().do("dispatch", dispatch_mode="转网格事件", unit_choice=None)
    assert walk.step.end_node == "end_transferred"
    assert [one.data["process"] for one in walk.step.effects] == ["ticket"]
    return walk


def satisfied() -> Walk:
    """Handled, checked, called back, closed."""
    walk = handling()
    assert_task(walk, "handle", "handler", "township", BUREAU, 13, "working_days")
    walk.do("handle")
    assert_task(walk, "check", "dispatcher", "county", None, 4, "working_hours")
    walk.do("check", reply_ok=True)
    assert_task(walk, "call_back", "operator", "county", None, 1, "working_days")
    walk.do("call_back", satisfaction="满意", solved=True, explained=None)
    assert walk.step.ended and walk.step.end_node == "end_closed"
    return walk


def anonymous() -> Walk:
    """Nobody to call back."""
    walk = called_back(call_back_wanted=False)
    assert walk.step.ended and walk.step.end_node == "end_no_call_back"
    return walk


def bounced_twice() -> Walk:
    """Bounced once to the dispatcher, the second time to a ruling that binds."""
    walk = handling().send("bounce")
    assert_task(walk, "dispatch", "dispatcher", "county", None, 4, "working_hours")
    walk.do("dispatch", **{**BY_TABLE, "unit_choice": "另行指定"}, chosen_unit="620725-X")
    assert_task(walk, "handle", "handler", "township", "620725-X", 13, "working_days")
    walk.send("bounce")
    assert_task(walk, "arbitrate", "leader", "county", None, 1, "working_days")
    walk.do("arbitrate", ruled_unit="620725-Y")
    assert_task(walk, "handle_ruled", "handler", "township", "620725-Y", 13, "working_days")
    with pytest.raises(NotCaught):
        walk.send("bounce")
    walk.do("handle_ruled")
    assert set(walk.open) == {"check"}
    return walk


def late() -> Walk:
    """A rung of the table calls the supervisor; handling goes on."""
    walk = handling().late("handle")
    assert_task(walk, "urge", "supervisor", "county", None, 4, "working_hours")
    assert "handle" in walk.open
    walk.do("urge", finish_by="2026-12-01")
    (told,) = walk.step.effects
    assert "2026-12-01" in told.data["text"]
    assert set(walk.open) == {"handle"}
    return walk


def corrected_and_verified() -> Walk:
    """Reply sent back, dissatisfied, corrected, dissatisfied again, verified twice."""
    walk = handling().do("handle").do("check", reply_ok=False)
    assert_task(walk, "correct", "handler", "township", BUREAU, 3, "working_days")
    walk.do("correct").do("check", reply_ok=True).do(
        "call_back", satisfaction="不满意", solved=False, explained=False
    )
    assert_task(walk, "correct", "handler", "township", BUREAU, 3, "working_days")
    walk.do("correct").do("check", reply_ok=True).do(
        "call_back", satisfaction="不满意", solved=False, explained=False
    )
    assert_task(walk, "verify", "supervisor", "county", None, 2, "working_days")
    walk.do("verify", verdict="责令重办").do("correct").do("check", reply_ok=True)
    walk.do("call_back", satisfaction="不满意", solved=False, explained=False).do(
        "verify", verdict="认定办结"
    )
    assert walk.step.ended and walk.step.end_node == "end_verified"
    return walk


def withdrawn() -> Walk:
    """The caller takes it back while it is handled."""
    walk = handling().send("withdraw")
    assert walk.step.ended and walk.step.end_node == "end_withdrawn"
    return walk


def closed_early() -> Walk:
    """Declined once, then agreed."""
    walk = handling().send("close_early")
    assert_task(walk, "approve_close", "leader", "county", None, 1, "working_days")
    walk.do("approve_close", close_agreed=False)
    assert set(walk.open) == {"handle"}
    walk.send("close_early").do("approve_close", close_agreed=True)
    assert walk.step.ended and walk.step.end_node == "end_closed_early"
    return walk


SCRIPTS: list[Script] = [
    answered,
    refused,
    refused_on_the_phone,
    by_law,
    of_the_city,
    handed_over,
    satisfied,
    anonymous,
    bounced_twice,
    late,
    corrected_and_verified,
    withdrawn,
    closed_early,
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_it_goes_that_way(script: Script) -> None:
    script()


def test_it_takes_every_flow_at_least_once() -> None:
    assert untaken("hotline", SCRIPTS) == set()


@pytest.mark.parametrize(
    ("kind", "urgent", "limit", "unit"),
    [
        ("咨询", False, 3, "working_days"),
        ("求助", False, 3, "working_days"),
        ("举报", False, 13, "working_days"),
        ("求助", True, 24, "hours"),
    ],
)
def test_it_takes_the_limit_of_its_kind(kind: str, urgent: bool, limit: int, unit: str) -> None:
    walk = handling(request_kind=kind, urgent=urgent)

    assert_task(walk, "handle", "handler", "township", BUREAU, limit, unit)


def test_it_pushes_no_farming_of_the_countryside_on_to_the_township() -> None:
    walk = handling(topic="农业水利", area="乡镇农村")

    assert_task(walk, "handle", "handler", "township", "农业农村局", 13, "working_days")


def test_a_matter_of_the_catalogue_has_its_units_and_its_limit() -> None:
    walk = handling(topic="农业水利", item="餐饮油烟")
    assert_task(walk, "handle", "handler", "township", "城市管理局", 7, "working_days")
    assert walk.open["handle"].helpers == ("生态环境局",)

    chosen = registered(item="餐饮油烟").do("dispatch", **{**BY_TABLE, "co_units": ["620725-SWJ"]})
    assert chosen.open["handle"].helpers == ("620725-SWJ",)
    urgent = handling(item="餐饮油烟", urgent=True)
    assert_task(urgent, "handle", "handler", "township", "城市管理局", 24, "hours")


def test_it_hands_a_quarrel_over_as_a_dispute() -> None:
    walk = registered().do("dispatch", dispatch_mode="转矛盾纠纷", unit_choice=None)

    assert [one.data["process"] for one in walk.step.effects] == ["dispute"]


def test_it_may_be_withdrawn_and_closed_early_at_any_time_but_bounced_only_while_handled() -> None:
    assert registered().messages == {"withdraw", "close_early"}
    assert handling().messages == {"withdraw", "close_early", "bounce"}
    assert called_back().messages == {"withdraw", "close_early"}
