"""Every way through the dispute: who gets it, at which level, within which limit."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from engine.worktime import Calendar
from tests.processes.walk import MONDAY, Script, Walk, assert_task, untaken

FENCE = {
    "dispute_type": "房屋宅基地纠纷",
    "amount": 3000,
    "people_count": 2,
    "violence": False,
    "self_harm": False,
    "gathering": False,
    "on_spot": False,
}
# What an agreement says of its performance; to be performed at once.
AT_ONCE = {
    "performance_manner": "即时履行",
    "instalments": None,
    "perform_by": None,
    "agreed_on": "2026-11-23",
}
BOTH = {"applicant_agrees": True, "respondent_agrees": True}
ANY_TIME = {"withdraw", "to_police", "close_early", "early_warning"}


def applied(level: str = "village", **answers: object) -> Walk:
    """A dispute that somebody brought to a committee."""
    return Walk("dispute", level, **{**FENCE, **answers})


def accepted(level: str = "village", **answers: object) -> Walk:
    """A dispute that the committee took on."""
    return applied(level, **answers).do("accept", acceptance="受理")


def investigating(level: str = "village", **answers: object) -> Walk:
    """Mediators are named, the parties are told their rights and are willing."""
    return accepted(level, **answers).do("assign").do("rights", willing="同意")


def mediating(level: str = "village", **answers: object) -> Walk:
    """The facts are known; the parties sit at the table."""
    return investigating(level, **answers).do("investigate")


def agree(walk: Walk, **said: object) -> Walk:
    """The parties agree, in writing and to be performed at once unless said otherwise."""
    return walk.do("agreement", **{"agreement_form": "书面", "visit_after": 7, **AT_ONCE, **said})


def local_day(moment: datetime) -> str:
    """The day of a moment in Shanghai."""
    return f"{Calendar().local(moment):%Y-%m-%d}"


def assert_visit_on_the_spot(walk: Walk) -> None:
    """The visit after a settlement on the spot has the form of every visit."""
    task = walk.open["visit_spot"]
    assert (task.role, task.level, task.form) == ("mediator", "village", "dispute/visit")


def refused() -> Walk:
    """Not a matter for mediation."""
    walk = applied()
    assert_task(walk, "accept", "leader", "village", None, 1, "working_days")
    walk.do("accept", acceptance="不予受理")
    assert_task(walk, "inform_refusal", "mediator", "village", None, 1, "working_days")
    walk.do("inform_refusal")
    assert walk.step.end_node == "end_refused"
    return walk


def written_agreement() -> Walk:
    """Two sessions, a written agreement, performed after a while, archived on second try."""
    walk = accepted()
    assert_task(walk, "assign", "leader", "village", None, 4, "working_hours")
    assert walk.messages == ANY_TIME
    walk.do("assign")
    assert_task(walk, "rights", "mediator", "village", None, 1, "working_days")
    walk.do("rights", willing="同意")
    assert_task(walk, "investigate", "mediator", "village", None, 2, "working_days")
    walk.do("investigate")
    assert_task(walk, "mediate", "mediator", "village", None, 15, "working_days")
    walk.do("mediate", mediation_result="再次调解")
    walk.do("mediate", mediation_result="达成协议")
    assert_task(walk, "agreement", "mediator", "village", None, 2, "working_days")
    agree(walk, judicial_confirmation=False)
    assert_task(walk, "seal", "leader", "village", None, 1, "working_days")
    walk.do("seal")
    assert "visit" not in walk.open
    walk.wait("wait_visit")
    assert_task(walk, "visit", "mediator", "village", None, 2, "working_days")
    walk.do("visit", performance="继续跟踪").wait("wait_visit")
    walk.do("visit", performance="已履行")
    assert_task(walk, "dossier", "mediator", "village", None, 5, "working_days")
    walk.do("dossier")
    assert_task(walk, "check_dossier", "supervisor", "township", None, 3, "working_days")
    walk.do("check_dossier", dossier_ok=False).do("dossier").do("check_dossier", dossier_ok=True)
    assert walk.step.ended and walk.step.end_node == "end_archived"
    assert [one.data["template"] for one in walk.step.effects] == ["dossier"]
    return walk


def confirmed_by_the_court() -> Walk:
    """Both parties ask the court to confirm the agreement."""
    walk = mediating().do("mediate", mediation_result="达成协议")
    agree(walk, judicial_confirmation=True).do("seal")
    assert_task(walk, "judicial", "leader", "village", None, 30, "days")
    walk.do("judicial", court_result="确认有效").wait("wait_visit")
    assert_task(walk, "visit", "mediator", "village", None, 2, "working_days")
    return walk


def rejected_by_the_court() -> Walk:
    """The court does not confirm it: the parties make another agreement (civil procedure, 206)."""
    walk = mediating().do("mediate", mediation_result="达成协议")
    agree(walk, judicial_confirmation=True).do("seal").do("judicial", court_result="驳回申请")
    assert set(walk.open) == {"mediate"}
    walk.do("mediate", mediation_result="达成协议")
    agree(walk, judicial_confirmation=True, agreed_on="2026-11-25").do("seal")
    assert set(walk.open) == {"judicial"}
    return walk


def in_instalments() -> Walk:
    """Each instalment and the last day are visited, then every five working days."""
    walk = mediating().do("mediate", mediation_result="达成协议")
    days = [{"due_on": day, "due_amount": 100} for day in ("2026-12-10", "2027-01-10")]
    said = {"performance_manner": "分期履行", "instalments": days, "perform_by": "2027-02-01"}
    agree(walk, agreement_form="口头", judicial_confirmation=None, **said)
    for day in ("2026-12-10", "2027-01-10", "2027-02-01"):
        (timer,) = walk.step.timers
        assert (timer.node_id, local_day(timer.fire_at)) == ("wait_date", day)
        walk.wait("wait_date").do("visit", performance="继续跟踪")
    assert [timer.node_id for timer in walk.step.timers] == ["wait_visit"]
    return walk


def mediated_again() -> Walk:
    """Not performed, but both want another agreement (rules on mediation, 37)."""
    walk = mediating().do("mediate", mediation_result="达成协议")
    agree(walk, agreement_form="口头", judicial_confirmation=None)
    walk.wait("wait_visit").do("visit", performance="重新调解")
    assert set(walk.open) == {"mediate"}
    return walk


def settled_on_the_spot() -> Walk:
    """One form, one visit, one dossier; who does not keep it goes the usual way."""
    walk = applied(on_spot=True, visit_after=7)
    assert walk.open == {} and [one.node_id for one in walk.step.timers] == ["wait_spot"]
    assert walk.step.answers == ("answered",)
    walk.wait("wait_spot")
    assert_visit_on_the_spot(walk)
    walk.do("visit_spot", performance="已履行").do("dossier").do("check_dossier", dossier_ok=True)
    assert walk.step.end_node == "end_archived"
    return walk


def not_kept_on_the_spot() -> Walk:
    """What was settled on the spot is not kept: accepted like any other."""
    walk = applied(on_spot=True, visit_after=7).wait("wait_spot")
    walk.do("visit_spot", performance="拒不履行")
    assert set(walk.open) == {"accept"}
    return walk


def not_performed() -> Walk:
    """An oral agreement that one side does not keep: the other routes are told."""
    walk = mediating().do("mediate", mediation_result="达成协议")
    agree(walk, agreement_form="口头", judicial_confirmation=None, visit_after=3)
    walk.wait("wait_visit").do("visit", performance="拒不履行")
    assert_task(walk, "tell_routes", "mediator", "village", None, 1, "working_days")
    walk.do("tell_routes")
    assert set(walk.open) == {"dossier"}
    return walk


def one_side_refuses() -> Walk:
    """No mediation against a clear refusal."""
    walk = accepted().do("assign").do("rights", willing="拒绝")
    assert set(walk.open) == {"tell_routes"}
    return walk


def mediation_fails() -> Walk:
    """It fails: the parties hear of their other routes."""
    walk = mediating().do("mediate", mediation_result="调解不成")
    assert set(walk.open) == {"tell_routes"}
    return walk


def handed_up_twice() -> Walk:
    """From the village to the township to the county; the county keeps it."""
    walk = mediating().send("hand_up", **BOTH)
    assert_task(walk, "review_hand_up", "leader", "village", None, 1, "working_days")
    walk.do("review_hand_up", hand_up_agreed=True)
    assert walk.level == "township"
    assert_task(walk, "assign", "leader", "township", None, 4, "working_hours")
    walk.do("assign").do("rights", willing="同意").send("hand_up", **BOTH)
    walk.do("review_hand_up", hand_up_agreed=True)
    assert walk.level == "county"
    walk.do("assign").do("rights", willing="同意").do("investigate").send("hand_up", **BOTH)
    walk.do("review_hand_up", hand_up_agreed=True)
    assert walk.level == "county"
    assert_task(walk, "investigate", "mediator", "county", None, 2, "working_days")
    return walk


def hand_up_declined() -> Walk:
    """The head says: not enough has been tried."""
    walk = mediating().send("hand_up", **BOTH).do("review_hand_up", hand_up_agreed=False)
    assert walk.level == "village"
    assert set(walk.open) == {"investigate"}
    return walk


def without_consent() -> Walk:
    """Committees are not above each other: who does not agree is not handed up."""
    walk = mediating().send("hand_up", **{**BOTH, "respondent_agrees": False})
    walk.do("review_hand_up", hand_up_agreed=True)
    assert walk.level == "village" and set(walk.open) == {"investigate"}
    return walk


def at_risk() -> Walk:
    """Threats of violence: the level above hears when the application is saved and responds in
    two hours (mediation law, 25); the review goes on meanwhile.
    """
    walk = applied(violence=True)
    told = [one for one in walk.step.effects if one.kind == "notify"]
    assert [(one.data["role"], one.data["level"]) for one in told] == [("leader", "township")]
    assert walk.step.context.risk == "高"
    assert set(walk.open) == {"accept", "respond_township"}
    task = walk.open["respond_township"]
    assert (task.role, task.level, task.limit, task.limit_unit, task.form) == (
        "supervisor", "township", 2, "hours", "dispute/respond",
    )  # fmt: skip
    walk.do("accept", acceptance="受理").do("respond_township")
    assert_task(walk, "assign", "leader", "village", None, 4, "working_hours")
    return walk


def at_risk_in_the_township() -> Walk:
    """What a township mediates is for the county to respond to."""
    walk = applied("township", self_harm=True)
    assert set(walk.open) == {"accept", "respond_county"}
    return walk.do("respond_county")


def too_big_for_the_village() -> Walk:
    """Much money: the table sends it to the township before anybody tries."""
    walk = accepted(amount=250000)
    assert walk.level == "township"
    assert_task(walk, "assign", "leader", "township", None, 4, "working_hours")
    return walk


def withdrawn() -> Walk:
    """The applicant may withdraw at any time."""
    walk = filed(mediating().send("withdraw", withdrawal_reason="自行和解"))
    assert walk.step.end_node == "end_withdrawn"
    return walk


def filed(walk: Walk) -> Walk:
    """What ends early is filed like the rest, corrected once (mediation law, 27)."""
    assert set(walk.open) == {"file_ended"} and walk.messages == set()
    walk.do("file_ended").do("check_ended", dossier_ok=False)
    walk.do("file_ended").do("check_ended", dossier_ok=True)
    assert [one.data["template"] for one in walk.step.effects] == ["dossier"]
    assert walk.step.ended
    return walk


def to_the_police() -> Walk:
    """Signs of a crime: to the police within two hours."""
    walk = investigating().send("to_police")
    assert_task(walk, "police", "leader", "village", None, 2, "hours")
    assert "investigate" in walk.open
    walk.do("police", mediation_after=True)
    assert set(walk.open) == {"investigate"} and "to_police" in walk.messages
    walk.send("to_police").do("police", mediation_after=False)
    assert filed(walk).step.end_node == "end_police"
    return walk


def closed_early() -> Walk:
    """Declined once, then agreed; work goes on in between."""
    walk = mediating().send("close_early")
    assert_task(walk, "approve_close", "leader", "village", None, 1, "working_days")
    walk.do("approve_close", close_agreed=False)
    assert set(walk.open) == {"mediate"}
    walk.send("close_early").do("approve_close", close_agreed=True)
    assert filed(walk).step.end_node == "end_closed_early"
    return walk


def warned_twice() -> Walk:
    """A warning can be sent again; the mediation is not interrupted."""
    walk = mediating()
    for _ in range(2):
        walk.send("early_warning")
        assert_task(walk, "respond", "supervisor", "county", None, 2, "hours")
        assert "mediate" in walk.open
        walk.do("respond")
    assert walk.messages == ANY_TIME | {"hand_up"}
    return walk


SCRIPTS: list[Script] = [
    refused,
    written_agreement,
    confirmed_by_the_court,
    rejected_by_the_court,
    in_instalments,
    mediated_again,
    settled_on_the_spot,
    not_kept_on_the_spot,
    not_performed,
    one_side_refuses,
    mediation_fails,
    handed_up_twice,
    hand_up_declined,
    without_consent,
    at_risk,
    at_risk_in_the_township,
    too_big_for_the_village,
    withdrawn,
    to_the_police,
    closed_early,
    warned_twice,
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_it_goes_that_way(script: Script) -> None:
    script()


def test_it_takes_every_flow_at_least_once() -> None:
    assert untaken("dispute", SCRIPTS) == set()


def test_it_gives_a_dispute_of_the_grid_to_the_village() -> None:
    walk = accepted("grid")

    assert walk.level == "village"
    assert_task(walk, "assign", "leader", "village", None, 4, "working_hours")


def test_it_passes_two_levels_where_the_table_says_so() -> None:
    walk = accepted(people_count=40, dispute_type="征地拆迁纠纷")

    assert walk.level == "county"
    walk.do("assign").do("rights", willing="同意").do("investigate")
    assert_task(walk, "mediate", "mediator", "county", None, 15, "working_days")


def test_it_visits_after_as_many_working_days_as_agreed() -> None:
    walk = mediating().do("mediate", mediation_result="达成协议")
    agree(walk, agreement_form="口头", judicial_confirmation=None, visit_after=3)

    (timer,) = walk.step.timers
    assert timer.node_id == "wait_visit"
    # Thursday, close of office: the starting day is not counted.
    assert timer.fire_at - MONDAY == timedelta(days=3, hours=9)


def test_it_can_be_returned_step_by_step() -> None:
    walk = mediating()
    for node, target in (("mediate", "investigate"), ("investigate", "assign")):
        walk.send_back(node, target)
        assert set(walk.open) == {target}
    walk.send_back("assign", "accept").send_back("accept", "apply")
    assert_task(walk, "apply", "mediator", "village", None, 1, "working_days")
