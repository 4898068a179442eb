"""The long stories through the real use cases: whole forms, real units, both databases."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import select

from engine.access import policy
from engine.casework import links
from engine.models import Case, Task, Unit
from engine.storage.db import reading
from tests.processes.desk import Desk

BUREAU, WATER = "620725-ZJJ", "620725-SWJ"


def test_it_mediates_from_application_to_archive_with_a_hand_up_and_one_more_session(
    dispute: Desk,
) -> None:
    dispute.open("mediator", place="V1", dispute_type="邻里纠纷", people_count=2, amount=0)
    assert dispute.where() == {"accept": ("V1", "leader")}
    dispute.do("village_leader", "accept", acceptance="受理", in_scope=True)
    dispute.do("village_leader", "assign")
    assert dispute.where() == {"rights": ("V1", "mediator")}
    dispute.do("mediator", "rights", willing="同意")
    dispute.do("mediator", "investigate")
    dispute.do("mediator", "mediate", mediation_result="再次调解")
    dispute.send("mediator", "hand_up")
    assert dispute.where() == {"review_hand_up": ("V1", "leader")}
    dispute.do("village_leader", "review_hand_up", hand_up_agreed=True)

    assert dispute.where() == {"assign": ("T1", "leader")}
    dispute.do("town_leader", "assign")
    assert dispute.where() == {"rights": ("T1-TW", "mediator")}
    dispute.do("town_mediator", "rights", willing="同意")
    dispute.do("town_mediator", "investigate")
    dispute.do("town_mediator", "mediate", mediation_result="达成协议")
    dispute.do("town_mediator", "agreement", agreement_form="书面", visit_after=3)
    dispute.do("town_leader", "seal")
    assert dispute.where() == {}

    dispute.world.work(dispute.world.now + timedelta(days=10))
    assert dispute.where() == {"visit": ("T1-TW", "mediator")}
    dispute.do("town_mediator", "visit", performance="已履行")
    dispute.do("town_mediator", "dossier", outcome="调解成功")
    assert dispute.where() == {"check_dossier": ("T1", "supervisor")}
    dispute.do("town_supervisor", "check_dossier", dossier_ok=True)

    assert dispute.outcome() == "end_archived"
    with reading() as db:
        case = db.get_one(Case, dispute.case_id)
        assert (case.number, case.level) == ("山调〔2026〕0001", "township")


def test_it_warns_the_level_above_and_keeps_people_out_of_the_state(dispute: Desk) -> None:
    dispute.open("mediator", place="V1", violence=True, people_count=2, amount=0)
    (told,) = dispute.world.events(dispute.case_id, "effect.notify")
    data = json.loads(told.data)
    assert (data["role"], data["level"]) == ("leader", "township")
    assert dispute.where() == {
        "accept": ("V1", "leader"),
        "respond_township": ("T1", "supervisor"),
    }
    for secret in ("张三", "13812345678", "11010519491231002X", "北街 12 号"):
        assert secret not in dispute.state()


def test_it_refers_to_the_police_while_mediation_is_open(dispute: Desk) -> None:
    dispute.open("mediator", place="V1", people_count=2, amount=0)
    dispute.do("village_leader", "accept", acceptance="受理", in_scope=True)
    dispute.do("village_leader", "assign")

    dispute.send("mediator", "to_police")
    assert dispute.where() == {"rights": ("V1", "mediator"), "police": ("V1", "leader")}
    dispute.do("village_leader", "police", mediation_after=False)
    assert dispute.where() == {"file_ended": ("V1", "mediator")}
    dispute.do("mediator", "file_ended", outcome="移送公安")
    dispute.do("town_supervisor", "check_ended", dossier_ok=True)

    assert (dispute.where(), dispute.outcome()) == ({}, "end_police")


def test_it_answers_a_call_after_two_bounces_a_ruling_and_a_correction(hotline: Desk) -> None:
    by_table = {"dispatch_mode": "派单", "unit_choice": "按分流表"}
    hotline.open("operator", place="V1", topic="住房建设", area="城区", request_kind="投诉")
    assert hotline.where() == {"dispatch": ("620725-ZZ", "dispatcher")}
    hotline.do("county_dispatcher", "dispatch", **by_table)
    assert hotline.where() == {"handle": (BUREAU, "handler")}
    hotline.send("handler", "bounce", suggested_unit=WATER)
    assert hotline.where() == {"dispatch": ("620725-ZZ", "dispatcher")}
    hotline.do(
        "county_dispatcher",
        "dispatch",
        dispatch_mode="派单",
        unit_choice="另行指定",
        chosen_unit=WATER,
    )
    assert hotline.where() == {"handle": (WATER, "handler")}
    hotline.send("water_handler", "bounce", suggested_unit=BUREAU)
    assert hotline.where() == {"arbitrate": ("620725", "leader")}
    hotline.do("county_leader", "arbitrate", ruled_unit=BUREAU)
    assert hotline.where() == {"handle_ruled": (BUREAU, "handler")}
    hotline.do("handler", "handle_ruled")
    hotline.do("county_dispatcher", "check", reply_ok=True)
    assert hotline.where() == {"call_back": ("620725-ZZ", "operator")}
    hotline.do("operator", "call_back", satisfaction="不满意")
    assert hotline.where() == {"correct": (BUREAU, "handler")}
    hotline.do("handler", "correct")
    hotline.do("county_dispatcher", "check", reply_ok=True)
    hotline.do("operator", "call_back", satisfaction="满意", solved=True)

    assert (hotline.where(), hotline.outcome()) == ({}, "end_closed")


def test_it_gives_what_no_department_does_to_the_township_of_the_place(hotline: Desk) -> None:
    hotline.open("operator", place="V1", topic="其他", area="乡镇农村", request_kind="求助")

    hotline.do("county_dispatcher", "dispatch", dispatch_mode="派单", unit_choice="按分流表")

    (unit, role) = hotline.where()["handle"]
    assert unit.startswith("T1") and role == "handler"


def test_it_hides_who_reports_a_wrongdoing_from_whoever_handles_it(hotline: Desk) -> None:
    hotline.open(
        "operator",
        place="V1",
        topic="住房建设",
        area="城区",
        request_kind="举报",
        identity="实名保密",
    )
    hotline.do("county_dispatcher", "dispatch", dispatch_mode="派单", unit_choice="按分流表")

    assert hotline.where() == {"handle": (BUREAU, "handler")}
    with reading() as db:
        case = db.get_one(Case, hotline.case_id)
        may = {
            login: policy.may_unmask(
                db, hotline.world.actor(db, login), case, policy.units_at_work(db, case)
            )
            for login in ("operator", "county_dispatcher", "county_supervisor", "handler")
        }
    assert may == {
        "operator": True,
        "county_dispatcher": False,
        "county_supervisor": False,
        "handler": False,
    }
    assert "张三" not in hotline.state()


def test_it_supervises_only_the_department_that_is_late_at_a_whistle(ticket: Desk) -> None:
    ticket.open("worker", place="G1", settled=False, category="住房物业", setting="住宅小区")
    ticket.do("grid_leader", "accept", acceptance="上报分流")
    ticket.do(
        "dispatcher",
        "dispatch",
        dispatch_mode="中心吹哨",
        unit_choice="按分流表",
        called_units=[BUREAU, WATER],
    )
    with reading() as db:
        called = {
            unit: task
            for task, unit in db.execute(
                select(Task.id, Unit.code)
                .join(Unit, Unit.id == Task.unit_id)
                .where(Task.case_id == ticket.case_id, Task.done_at.is_(None))
            )
        }
    assert called.keys() == {BUREAU, WATER}
    ticket.complete("handler", called[BUREAU], "ticket/whistle", whistle_result="已到场")

    ticket.world.work(ticket.world.now + timedelta(days=5))

    late = ticket.world.events(ticket.case_id, "escalated")
    assert late and {one.task_id for one in late} == {called[WATER]}
    ticket.complete("water_handler", called[WATER], "ticket/whistle", whistle_result="线上参与")
    assert ticket.where() == {"handle": (BUREAU, "handler")}


def test_it_turns_a_ticket_into_a_dispute_that_knows_where_it_came_from(ticket: Desk) -> None:
    ticket.open("worker", place="G1", settled=False, category="矛盾纠纷", setting="住宅小区")
    ticket.do("grid_leader", "accept", acceptance="上报分流")
    ticket.do("dispatcher", "dispatch", dispatch_mode="转矛盾纠纷")
    assert ticket.outcome() == "end_transferred"

    ticket.world.work(ticket.world.now + timedelta(minutes=1))

    with reading() as db:
        ((_, other),) = links.linked(db, db.get_one(Case, ticket.case_id))
        assert (other.process, other.closed_at) == ("dispute", None)
        waiting = select(Task.node_id, Task.role).where(
            Task.case_id == other.id, Task.done_at.is_(None)
        )
        assert [tuple(row) for row in db.execute(waiting)] == [("apply", "mediator")]


def test_it_settles_a_dispute_on_the_spot_with_one_form(dispute: Desk) -> None:
    """The month for settling stops that day; the visit comes, then the dossier."""
    dispute.open("mediator", place="V1", people_count=2, amount=300, on_spot=True, visit_after=7)
    assert dispute.where() == {}
    with reading() as db:
        assert db.get_one(Case, dispute.case_id).answered_at == dispute.world.now

    dispute.world.work(dispute.world.now + timedelta(days=14))
    assert dispute.where() == {"visit_spot": ("V1", "mediator")}
    dispute.do("mediator", "visit_spot", performance="已履行")
    dispute.do("mediator", "dossier", outcome="调解成功")
    dispute.do("town_supervisor", "check_dossier", dossier_ok=True)

    assert dispute.outcome() == "end_archived"


def test_it_goes_through_the_single_door_to_whoever_is_competent(centre: Desk) -> None:
    centre.open("county_dispatcher", place="V1", matter="房屋物业", answered_now=False)
    assert centre.where() == {"sort": ("620725-ZZ", "dispatcher")}
    centre.do("county_dispatcher", "sort", mediable=False)
    centre.do("county_dispatcher", "route", route="行政调解", unit_choice="按分流表")
    assert centre.where() == {"handle": (BUREAU, "handler")}
    centre.send("handler", "call_meeting", meeting_units=[WATER])
    assert centre.where()["meeting"] == ("620725-ZZ", "dispatcher")
    centre.do("county_dispatcher", "meeting", called_units=[BUREAU, WATER])
    centre.do("handler", "handle", result="调解成功")
    centre.do("county_dispatcher", "feedback", solved=True)

    assert centre.outcome() == "end_closed"
    for secret in ("张三", "13812345678"):
        assert secret not in centre.state()


def test_the_single_door_opens_a_dispute_and_links_it(centre: Desk) -> None:
    centre.open("county_dispatcher", place="V1", matter="婚姻家庭邻里", answered_now=False)
    centre.do("county_dispatcher", "sort", mediable=True)
    centre.do("county_dispatcher", "ask_wish", wish="愿意调解")
    centre.do("county_dispatcher", "route", route="人民调解", unit_choice="按分流表")
    assert centre.where() == {"follow": ("620725-ZZ", "dispatcher")}

    centre.world.work(centre.world.now + timedelta(minutes=1))

    with reading() as db:
        ((_, other),) = links.linked(db, db.get_one(Case, centre.case_id))
        assert (other.process, other.closed_at) == ("dispute", None)
    centre.do("county_dispatcher", "follow", linked_result="调解成功")
    centre.do("county_dispatcher", "feedback", solved=True)
    assert centre.outcome() == "end_closed"
