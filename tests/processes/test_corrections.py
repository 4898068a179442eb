"""What an office found wrong in the shipped tables and forms, and how the law has it.

The expected values come from the articles named beside them, not from the definitions.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest

import forms
from engine.worktime.calendar import published_calendar
from engine.worktime.limits import Limit, deadline
from tests.engine.bpmn.check.drawing import look
from tests.processes.test_definitions import choices_of, shipped_forms
from tests.processes.test_forms import TODAY, filled
from tests.processes.test_tables import decide, ladder, ladder_table
from tests.processes.test_walk_dispute import agree, mediating
from tests.processes.test_walk_hotline import called_back
from tests.processes.walk import PROCESSES, ROOT, definition, diagram

PARTY = {"side": "申请人", "party_name": "张三", "party_kind": "自然人"}
OTHER = {"side": "被申请人", "party_name": "李四", "party_kind": "自然人"}


def due(begun: str, found: dict[str, Any]) -> str:
    """The end of the limit that a table gives, in local time."""
    calendar = published_calendar()
    start = calendar.moment(*_split(begun))
    limit = Limit(int(found["limit"]), found["limit_unit"])
    return calendar.local(deadline(start, limit, calendar)).strftime("%Y-%m-%d %H:%M")


def _split(text: str) -> tuple[Any, Any]:
    at = datetime.fromisoformat(text)
    return at.date(), at.time()


# When the limit of a step ends that a form is asked at.
LAST_DAY = date(2026, 11, 19)


def refused(form: str, chosen: dict[str, Any], process: str = "dispute") -> set[str]:
    """The fields at which a form of a process refuses these answers."""
    shipped = shipped_forms(process)[f"{process}/{form}"]
    try:
        shipped.clean(filled(shipped, chosen), today=TODAY, last_day=LAST_DAY)
    except forms.InvalidAnswers as invalid:
        return set(invalid.errors)
    return set()


@pytest.mark.parametrize(
    ("begun", "ends"),
    [("2026-12-05 10:00", "2026-12-05 14:00"), ("2026-02-14 17:00", "2026-02-14 21:00")],
)
def test_a_danger_is_dealt_with_in_hours_of_the_clock_on_days_off_too(
    begun: str, ends: str
) -> None:
    assert due(begun, decide("ticket", "ticket_limit", category="道路交通", danger=True)) == ends


def test_heating_that_fails_on_a_saturday_is_due_on_sunday() -> None:
    found = decide("hotline", "hotline_limit", request_kind="求助", urgent=True, item_limit=None)

    assert due("2026-12-05 10:00", found) == "2026-12-06 10:00"


@pytest.mark.parametrize(
    ("kind", "begun", "ends"),
    [
        # Medical: 30 working days (医疗纠纷预防和处理条例, art. 38).
        ("医疗纠纷", "2026-04-29 09:00", "2026-06-12 18:00"),
        # Labour: 15 days from receipt (劳动争议调解仲裁法, art. 14); 19 to 21 June are days off.
        ("其他劳动争议纠纷", "2026-06-05 09:00", "2026-06-23 00:00"),
    ],
)
def test_the_law_sets_the_limit_of_medical_and_labour_disputes(
    kind: str, begun: str, ends: str
) -> None:
    found = decide(
        "dispute", "dispute_triage", level="county", dispute_type=kind, amount=0, people_count=2
    )

    assert due(begun, found) == ends


def test_every_department_gets_what_is_its_own_since_the_reform_of_2018() -> None:
    wanted = {
        "医疗保障": "医疗保障局",
        "医疗健康": "卫生健康局",
        "教育培训": "教育局",
        "文化旅游": "文体广电和旅游局",
    }

    assert {
        topic: decide("hotline", "hotline_triage", topic=topic, area="城区", item_department=None)
        for topic in wanted
    } == wanted


@pytest.mark.parametrize("topic", ["农业水利", "民政救助"])
def test_the_business_of_departments_is_not_pushed_to_townships(topic: str) -> None:
    assert decide("hotline", "hotline_triage", topic=topic, area="乡镇农村", item_department=None)


@pytest.mark.parametrize(
    ("category", "setting", "department"),
    [
        ("燃气安全", "住宅小区", "住房和城乡建设局"),
        ("燃气安全", "市场商铺", "住房和城乡建设局"),
        ("消防安全", "住宅小区", "消防救援大队"),
        ("消防安全", "厂矿工地", "消防救援大队"),
        ("道路交通", "街面道路", "城市管理局"),
        ("道路交通", "乡村道路", "交通运输局"),
        ("交通秩序", "街面道路", "公安局"),
    ],
)
def test_gas_fire_roads_and_traffic_go_to_whoever_is_in_charge(
    category: str, setting: str, department: str
) -> None:
    found = decide("ticket", "ticket_triage", category=category, setting=setting)

    assert found == department


def test_only_the_applicant_must_have_a_telephone() -> None:
    phone = {"party_phone": "13812345678"}

    assert refused("apply", {"parties": [PARTY | phone, OTHER], "people_count": 2}) == set()
    assert refused("apply", {"parties": [PARTY, OTHER | phone], "people_count": 2}) == {
        "parties-0-party_phone"
    }


def test_an_agreement_says_where_it_is_performed() -> None:
    """人民调解工作若干规定, art. 35: manner, place and time."""
    later = {"performance_manner": "一次履行", "perform_by": TODAY.isoformat()}

    assert refused("agreement", later | {"performance_place": ""}) == {"performance_place"}
    assert refused("agreement", later | {"performance_place": "南湖村委会"}) == set()


def test_nobody_is_sent_to_a_review_or_a_petition_with_a_civil_dispute() -> None:
    for form in ("tell_routes", "inform_refusal"):
        routes = choices_of("dispute", f"dispute/{form}", "routes_named")
        assert {"诉讼", "劳动仲裁", "政府处理", "支付令", "劳动监察", "强制执行"} <= set(routes)
        assert not {"行政复议", "信访"} & set(routes)


def test_what_another_authority_entrusted_may_be_accepted() -> None:
    """人民调解工作若干规定, art. 22."""
    reasons = choices_of("dispute", "dispute/accept", "refusal_reason")

    assert "构成治安、刑事案件" not in reasons and "已在诉讼、仲裁中" not in reasons
    assert "法律规定只能由专门机关处理或者禁止民间调解" in reasons
    assert "其他机关已经受理或者解决" in reasons


def test_the_hotline_refuses_only_what_it_may() -> None:
    reasons = choices_of("hotline", "hotline/dispatch", "refusal_reason")

    assert "应当走信访渠道" not in reasons
    assert {"已进入信访渠道", "违反社会公序良俗", "应当通过其他法定程序解决"} <= set(reasons)


@pytest.mark.parametrize("opinion", ["基本满意", "未作评价"])
def test_an_unsolved_order_does_not_close_as_solved(opinion: str) -> None:
    asked = called_back().do("call_back", satisfaction=opinion, solved=False, explained=False)
    explained = called_back().do("call_back", satisfaction=opinion, solved=False, explained=True)

    assert "correct" in asked.open
    assert explained.open.keys() == set()


def test_the_check_adds_up_the_ways_on_time() -> None:
    """Registered on a Monday, 13 working days, checked in one and a half: the 24th day of March
    for a promise that ends on the 23rd.
    """
    files = {
        f"processes/hotline/{name}": (ROOT / "processes/hotline" / name).read_bytes()
        for name in ("hotline.bpmn", "triage.dmn")
    }
    now = 'form="hotline/check" limit="4" limitUnit="working_hours" signLimit="2"'
    then = 'form="hotline/check" limit="1" limitUnit="working_days" signLimit="4"'
    diagram = files["processes/hotline/hotline.bpmn"].decode()
    assert now in diagram
    before = {
        **files,
        "processes/hotline/hotline.bpmn": diagram.replace(now, then).encode(),
    }

    assert on_time(files) == []
    (found,) = on_time(before)
    assert "派单→办理→答复审核" in found and "22 天" in found


def on_time(files: dict[str, bytes]) -> list[str]:
    """What the check says of ways on which everybody is on time."""
    return [one.message.zh for one in look(files) if one.rule == "late-on-time"]


def test_what_is_urgent_is_signed_for_within_the_hour_wherever_it_goes() -> None:
    """A limit for signing of a working day would be longer than the handling of urgent work."""
    for process in ("hotline", "ticket"):
        said = ladder_table().limit(
            process=process, step="handle", level="township", category=None, risk=None,
            priority="紧急", clock="sign",
        )  # fmt: skip
        assert said is not None and said[0] == Limit(1, "hours")


@pytest.mark.parametrize("clock", ["sign", "handle"])
def test_urgent_orders_have_an_urgent_lane(clock: str) -> None:
    """Within an hour of the clock, at night and on days off; others as the diagram says."""
    table = ladder_table()
    for process in ("hotline", "ticket"):
        asked = {"process": process, "step": "dispatch", "level": "county", "clock": clock}
        asked |= {"category": None, "risk": None}
        said = table.limit(**asked, priority="紧急")
        assert said is not None and said[0] == Limit(1, "hours")
        assert table.limit(**asked, priority="一般") is None


def test_what_is_urgent_climbs_by_the_clock() -> None:
    for clock in ("sign", "handle"):
        units = {rung.after.unit for rung in ladder("county", clock, "紧急") if rung.after.amount}
        assert units == {"hours"}


def test_a_late_order_is_urged_on_the_next_working_day() -> None:
    """Due on Friday at the close of office: the reminder is asked for on Monday morning."""
    rungs = ladder_table().rungs(
        process="hotline", step="handle", level="county", category=None, priority="一般",
        clock="handle",
    )  # fmt: skip
    (urged,) = [rung for rung in rungs if rung.act == "escalate"]
    calendar = published_calendar()
    friday = calendar.moment(*_split("2026-11-20 18:00"))

    at = calendar.local(deadline(friday, urged.after, calendar))
    assert at.strftime("%Y-%m-%d %H:%M") == "2026-11-23 09:30"


def test_nothing_is_settled_on_the_spot_that_needs_paper_or_may_flare_up() -> None:
    phone = {"party_phone": "13812345678"}
    settled = {"on_spot": True, "parties": [PARTY | phone, OTHER], "people_count": 2}

    assert refused("apply", settled | {"dispute_type": "邻里纠纷"}) == set()
    assert refused("apply", settled | {"spot_told": False}) == {"spot_told"}
    for kind in ("拖欠农民工工资纠纷", "其他劳动争议纠纷", "医疗纠纷"):
        assert refused("apply", settled | {"dispute_type": kind}) == {"on_spot"}
    assert refused("apply", settled | {"violence": True}) == {"on_spot"}


def test_an_entrusted_dispute_names_its_letter_and_its_answer() -> None:
    phone = {"party_phone": "13812345678"}
    asked = {"channel": "法院委派委托", "parties": [PARTY | phone, OTHER], "people_count": 2}

    assert refused("apply", asked | {"entrust_number": ""}) == {"entrust_number"}
    assert refused("dossier", {"entrusted": True, "answer_number": ""}) == {"answer_number"}


def told_to_citizens(key: str) -> dict[str, str]:
    """What the diagram of a process tells citizens, by its node."""
    return {
        node.id: dict(node.action.arguments)["text"]
        for node in definition(key).nodes.values()
        if node.action is not None and node.action.name == "notify_citizen"
    }


def test_citizens_are_told_and_nothing_that_could_harm() -> None:
    """Nothing of what a case is about, nothing to a suspect, no success after a failure."""
    assert told_to_citizens("dispute").keys() == {"tell_accepted", "tell_sealed", "tell_ended"}
    assert told_to_citizens("centre").keys() == {"tell_routed"}
    assert told_to_citizens("hotline").keys() == {"tell_order", "tell_answered", "tell_late"}
    assert told_to_citizens("ticket").keys() == {"tell_late", "tell_planned", "tell_done"}
    shown = {node.id: node.citizen for node in definition("dispute").nodes.values()}
    texts = [text for key in PROCESSES for text in told_to_citizens(key).values()]
    texts += shown.values()
    assert not [one for one in texts if "公安" in one or "不属于" in one or "办结" in one]
    assert shown["police"] == ""


def test_disputes_have_the_eighteen_types_of_the_statistics() -> None:
    types = choices_of("dispute", "dispute/apply", "dispute_type")

    assert len(types) == 18 and types[-1] == "其他纠纷"
    assert {one for one in types if not one.endswith("纠纷")} == set()
    for kind in ("拖欠农民工工资纠纷", "其他劳动争议纠纷"):
        found = decide(
            "dispute", "dispute_triage", level="county", dispute_type=kind, amount=0,
            people_count=2,
        )  # fmt: skip
        assert (found["limit"], found["limit_unit"]) == (15, "days")


def answered_by(key: str) -> set[str]:
    """The nodes and flows of a process at which the citizen has the answer."""
    marks = diagram(key).iter("{urn:fengqiao:governance:1}answered")
    owners = (mark.getparent().getparent() for mark in marks)  # type: ignore[union-attr]
    return {str(one.get("id")) for one in owners if one is not None}


def test_the_citizen_has_the_answer_before_visits_archive_and_call_back() -> None:
    """人民调解工作若干规定, art. 33: the month is for settling."""
    assert {"seal", "f_gw_form_plan_visit", "f_gw_on_spot_wait_spot"} <= answered_by("dispute")
    assert not {"visit", "dossier", "check_dossier"} & answered_by("dispute")
    assert "f_gw_checked_gw_call_back" in answered_by("hotline")
    assert {"feedback", "f_approve_plan_tell_planned"} <= answered_by("ticket")


@pytest.mark.parametrize("kind", ["医疗纠纷", "拖欠农民工工资纠纷", "其他劳动争议纠纷"])
def test_medical_and_labour_agreements_are_sealed_whatever_was_chosen(kind: str) -> None:
    """医疗纠纷预防和处理条例, art. 39; 劳动争议调解仲裁法, art. 14: in writing."""
    met = {"mediation_result": "达成协议"}
    asked = agree(
        mediating("county", dispute_type=kind).do("mediate", **met), agreement_form="口头"
    )
    free = agree(mediating(dispute_type="邻里纠纷").do("mediate", **met), agreement_form="口头")

    assert set(asked.open) == {"seal"}
    assert free.open.keys() == set()


def test_whoever_asks_the_court_late_says_why() -> None:
    """人民调解法, art. 33: thirty days from effect."""
    dates = {"effective_on": "2026-10-20", "decided_on": "2026-11-20"}

    assert refused("judicial", dates | {"filed_on": "2026-11-19", "filed_late_reason": ""}) == set()
    assert refused("judicial", dates | {"filed_on": "2026-11-20", "filed_late_reason": ""}) == {
        "filed_late_reason"
    }
    assert refused("judicial", dates | {"filed_on": "2026-10-19"}) == {"filed_on"}


def test_courts_are_named_and_what_they_do_not_confirm() -> None:
    """民事诉讼法 (2023), art. 205."""
    grounds = choices_of("dispute", "dispute/judicial", "court_ground")
    (asked,) = [
        one
        for one in shipped_forms("dispute")["dispute/agreement"].fields
        if one.name == "judicial_confirmation"
    ]

    assert len(grounds) == 5 and "邀请调解的法院" in grounds
    assert asked.help is not None and "确权" in asked.help.zh


def test_an_oral_agreement_is_the_parties_choice() -> None:
    """人民调解法, art. 28 and 30: not only for what is performed at once."""
    form = shipped_forms("dispute")["dispute/agreement"]
    help_ = form.definition.help
    for said in (help_.zh if help_ else "", definition("dispute").nodes["agreement"].documentation):
        assert "当事人认为不需要书面协议的" in said and "即时履行的可以口头" not in said
    later = {"performance_manner": "分期履行", "perform_by": "2027-06-30"}
    later["instalments"] = [{"due_on": "2027-01-31", "due_amount": "500"}]
    assert refused("agreement", {"agreement_form": "口头", **later}) == set()


def test_the_court_decides_within_thirty_days_and_the_older_rule_is_a_note() -> None:
    """民事诉讼法, art. 187: the special procedure of 2012 is younger than 法释〔2011〕5号."""
    form = shipped_forms("dispute")["dispute/judicial"]
    help_ = form.definition.help
    texts = [help_.zh if help_ else "", definition("dispute").nodes["judicial"].documentation]

    for said in texts:
        assert "由法院审查决定，一般在 30 日内" in said
        # What was three days to accept and fifteen to decide is said as what it was.
        assert "3 日" not in said.replace("30 日", "")
        assert "15 日" not in said or "曾规定 15 日" in said


def test_a_party_who_wants_another_mediator_gets_one() -> None:
    asked = {"recusal_asked_by": "被申请人", "recusal_asked_on": "2026-11-20"}
    asked |= {"recusal_reason": "与对方是亲戚。", "recusal_decision": "更换"}

    assert refused("assign", asked | {"mediator": ""}) == {"mediator"}
    assert "assign" in definition("dispute").nodes["rights"].return_to
    assert "assign" in definition("dispute").nodes["investigate"].return_to


def test_a_dossier_needs_no_investigation() -> None:
    """Nothing is missing from a volume without one, on its form and when it is put together."""
    form = shipped_forms("dispute")["dispute/dossier"]
    (note,) = [one for one in form.fields if one.help is not None and "必备" in one.help.zh]
    always, on_demand = note.help.zh.split("；") if note.help else ("", "")
    assert "告知书" in always and "身份" in always and "调查" not in always
    assert "调查笔录" in on_demand
    parts = ["申请书或者受理登记表", "权利义务告知书", "身份材料", "调解笔录", "调解协议书", "封底"]
    assert refused("dossier", {"outcome": "调解成功", "parts": parts}) == set()
    for lacking in set(parts) - {"调解笔录"}:
        left = [*(one for one in parts if one != lacking), "证据材料"]
        assert refused("dossier", {"outcome": "调解成功", "parts": left}) == {"parts"}
    volume = json.loads((ROOT / "engine/documents/volume/parts.json").read_text("utf-8"))
    must = {one["key"] for one in volume["dispute"]["parts"] if one.get("always")}
    assert must == {"application", "rights", "identity", "mediation", "agreement"}


def test_the_hotline_names_the_legal_route_when_it_refuses() -> None:
    """国办发〔2020〕53号: which procedure, not only that it is none of the hotline's."""
    asked = {"dispatch_mode": "不予受理", "refusal_reason": "应当通过其他法定程序解决"}

    assert refused("dispatch", asked | {"legal_route": []}, "hotline") == {"legal_route"}
    assert refused("dispatch", asked | {"legal_route": ["仲裁"]}, "hotline") == set()


def test_for_a_minor_the_guardian_is_named_and_agrees() -> None:
    """个人信息保护法, art. 31."""
    mine = {"party_phone": "13812345678"}
    child = OTHER | {"minor": True}
    guarded = child | {"agent_name": "李大山", "agent_kind": "法定代理人", "guardian_agrees": True}

    assert refused("apply", {"parties": [PARTY | mine, child], "people_count": 2}) == {
        "parties-1-agent_name",
        "parties-1-guardian_agrees",
    }
    assert refused("apply", {"parties": [PARTY | mine, guarded], "people_count": 2}) == set()


@pytest.mark.parametrize(
    ("process", "form"),
    [("hotline", "intake"), ("dispute", "apply"), ("centre", "register"), ("ticket", "report")],
)
def test_whoever_gives_their_data_is_told_what_for(process: str, form: str) -> None:
    """个人信息保护法, art. 17."""
    names = [one.name for one in shipped_forms(process)[f"{process}/{form}"].definition.fields]
    assert {"privacy_note", "privacy_told"} & set(names)
