"""Three long stories of the demo county, from the first form to the last, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser import registering
from tests.browser.conftest import database_of_story
from tests.browser.town import Town, fill, town_at
from tests.webapp.site import settings_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PARTS = [
    "封面",
    "卷内目录",
    "申请书或者受理登记表",
    "权利义务告知书",
    "身份材料",
    "调查笔录",
    "调解笔录",
    "调解协议书",
    "回访记录",
    "封底",
]
BUREAU, WATER, CITY = "620725-ZJJ", "620725-SWJ", "620725-CGJ"


@pytest.fixture
def town(
    browser: Any,
    browser_context_args: dict[str, Any],
    copies: Callable[[str], Any],
    demo_of_monday: Callable[[str], str],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Town]:
    """The demo county on Monday morning."""
    backend = database_of_story(request)
    maker = copies(backend)
    url = maker.fresh(like=demo_of_monday(backend))
    pictures = request.node.originalname.removeprefix("test_it_")
    with town_at(settings_for(url, tmp_path), browser, browser_context_args, pictures) as made:
        yield made
    maker.drop(url)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo on somebody's disk."""
    path = tmp_path / "现场照片.jpg"
    Image.new("RGB", (640, 480), (120, 140, 110)).save(path)
    return path


def mediate(town: Town, login: str, says: str, **answers: Any) -> None:
    """One session."""
    town.step(
        login,
        "mediate",
        says,
        session_at=town.clock_time(-1),
        session_place="调委会调解室",
        attendance="各方到场",
        record="双方陈述了各自的意见，调解员讲解了相邻关系的规定。",
        **answers,
    )


def prepare(town: Town, leader: str, mediator: str, **extra: Any) -> None:
    """Assign mediators, tell rights, investigate: what each level does again."""
    town.step(
        leader,
        "assign",
        "后续环节：权利义务告知",
        chosen_by="调委会指定",
        mediators=[{"mediator_name": "赵调解", "mediator_part": "主办"}],
        recusal_checked="yes",
        **extra,
    )
    told = ["人民调解的性质", "人民调解的原则", "协议的效力", "当事人的权利义务"]
    town.step(
        mediator,
        "rights",
        "后续环节：调查取证",
        told_items=told,
        told_on=town.day(),
        told_how="当面",
        willing="同意",
        open_session="不公开",
    )
    town.step(
        mediator,
        "investigate",
        "后续环节：纠纷调解",
        investigated_on=town.day(),
        methods=["询问当事人", "现场勘查"],
        findings="界墙向东越界约三十厘米，长四米。",
        dispute_points="越界部分拆还是补偿。",
        interviews=[
            {"interviewee": "李秀兰", "interviewed_on": town.day(), "statement": "墙压了我家地基。"}
        ],
        risk_seen="no",
        plan="先丈量，再按宅基证协商。",
    )


def apply(town: Town) -> None:
    """The application and its acceptance."""
    registering.quarrel(town)
    town.step(
        "leader1",
        "accept",
        "后续环节：指派调解员",
        in_scope="yes",
        acceptance="受理",
        accepted_on=town.day(),
    )


def hand_up(town: Town) -> None:
    """One session at the village, then up."""
    prepare(town, "leader1", "mediator1")
    next_session = town.clock_time(24)
    mediate(
        town,
        "mediator1",
        "后续环节：纠纷调解",
        mediation_result="再次调解",
        next_session_at=next_session,
    )
    town.button(
        "mediator1",
        "上报",
        hand_up_reason="双方要求镇里丈量认定。",
        hand_up_kind="当事人要求",
        work_done="已调解一次，已丈量一次。",
        applicant_agrees="yes",
        respondent_agrees="yes",
        parties_informed="yes",
    )
    town.step("leader1", "review", "后续环节：指派调解员", hand_up_agreed="yes")


def agree(town: Town, photo: Path) -> None:
    """Two sessions at the township, and a sealed agreement."""
    town.later(days=1)
    prepare(town, "leader2", "mediator2", hand_up_justified="合理")
    mediate(
        town,
        "mediator2",
        "后续环节：纠纷调解",
        mediation_result="再次调解",
        next_session_at=town.clock_time(24),
    )
    mediate(town, "mediator2", "后续环节：达成协议", mediation_result="达成协议")
    write_agreement(town)
    town.step(
        "mediator2",
        "agreement",
        "后续环节：审核盖章",
        agreement_form="书面",
        agreed_on=town.day(),
        agreed_facts="王家院墙越界三十厘米。",
        agreed_terms="王家补偿李家两千元，院墙保持现状。",
        agreed_amount="2000",
        performance_manner="一次履行",
        perform_by=town.day(10),
        performance_place="南湖社区居委会",
        agreement_files=photo,
        judicial_confirmation="no",
        visit_after="3",
    )
    checks = ["内容不违反法律", "自愿真实", "当事人签名齐全", "调解员已签名"]
    town.step(
        "leader2",
        "seal",
        "流程等待至",
        checks=checks,
        sealed_on=town.day(),
        copies="3",
        sealed_files=photo,
    )


def write_agreement(town: Town) -> None:
    """The written agreement is made in the page: what it lacks is named, then it is final."""
    mediator = town.person("mediator2")
    mediator.go(f"{town.case}/papers")
    mediator.look("dispute-papers")
    mediator.page.get_by_role("button", name="制作《人民调解协议书》").click()
    mediator.reads("缺少：各方当事人的责任")
    mediator.look("dispute-paper-lacking")
    words = {
        "liability": "王家越界，负主要责任；李家未及时提出，负次要责任。",
        "terms": [
            {
                "who": "王建国",
                "does": "补偿李秀兰界墙占用损失，院墙保持现状",
                "to_whom": "李秀兰",
                "amount": "2000",
                "due_on": town.day(10),
                "manner": "现金",
            }
        ],
        "total": "2000",
        "place": "南湖社区居委会",
        "copies": "3",
    }
    fill(mediator, words)
    mediator.press("保存并预览")
    mediator.reads("已保存")
    mediator.page.locator("img.paper-picture").evaluate("one => one.decode()")
    mediator.look("dispute-paper")
    mediator.press("定稿")
    mediator.reads("已定稿，放在材料里")
    mediator.reads("人调字第1号")


def archive(town: Town) -> None:
    """Visit on the day of performance, compile, check."""
    town.later(days=11)
    town.step(
        "mediator2",
        "visit",
        "后续环节：卷宗整理",
        visited_on=town.day(),
        visit_how="上门",
        performance="已履行",
        performed_on=town.day(-1),
        satisfaction="满意",
        visit_note="款已付清，双方没有新的争执。",
    )
    town.step(
        "mediator2",
        "dossier",
        "后续环节：卷宗审核",
        dossier_number="山人调卷〔2026〕1 号",
        outcome="调解成功",
        parts=PARTS,
        pages="18",
        retention_years="10",
    )
    archivist = town.step(
        "supervisor1", "check-dossier", "事项办结", dossier_ok="yes", grade="优秀"
    )
    archivist.look("dispute-archived")


def take_dossier(town: Town) -> None:
    """The dossier is among the files, and comes as PDF."""
    town.later(minutes=5)
    mediator = town.person("mediator2")
    mediator.go(f"{town.case}/materials")
    mediator.look("dispute-materials")
    with mediator.page.expect_download() as download:
        mediator.page.get_by_text("人民调解卷宗.pdf").click()
    Path("test-results").mkdir(exist_ok=True)
    download.value.save_as("test-results/dossier-demo.pdf")
    assert Path("test-results/dossier-demo.pdf").read_bytes().startswith(b"%PDF-")
    mediator.go(f"{town.case}/story")
    mediator.look("dispute-story")


def test_it_mediates_a_dispute_from_application_to_archive(town: Town, photo: Path) -> None:
    """At the village one session, handed up; at the township two sessions and an agreement."""
    town.pictures = "dispute"
    apply(town)
    hand_up(town)
    agree(town, photo)
    archive(town)
    take_dossier(town)


def reply(town: Town, login: str, name: str, says: str, **answers: Any) -> None:
    """A department's answer to a call."""
    town.step(
        login,
        name,
        says,
        result="已解决",
        contacted="yes",
        first_contact_at=town.clock_time(-1),
        measures="到场查看，调整了作业时间。",
        reply="您反映的工地夜间施工问题已处理，夜间不再作业。",
        replied_on=town.day(),
        reply_how="电话",
        **answers,
    )


def call_in(town: Town) -> None:
    """The call and the first order."""
    registering.call(town)
    town.step(
        "dispatcher2",
        "dispatch",
        "后续环节：办理（",
        dispatch_mode="派单",
        unit_choice="按分流表",
        co_units=[CITY],
        requirement="三日内核实并答复。",
    )


def bounce_twice(town: Town) -> None:
    """Bounced by both departments, ruled by the county."""
    town.button(
        "handler2",
        "退单",
        bounce_reason="夜间施工噪声由城管部门管理。",
        duty_basis="三定方案第五条",
        suggested_unit=CITY,
    )
    town.step(
        "dispatcher2",
        "dispatch",
        "后续环节：办理（",
        dispatch_mode="派单",
        unit_choice="另行指定",
        chosen_unit=CITY,
        chosen_reason="按退单意见改派城管。",
        co_units=[BUREAU],
        requirement="核实夜间施工许可。",
    )
    town.button(
        "handler4",
        "退单",
        bounce_reason="工地由住建部门监管，夜间许可也由住建核发。",
        duty_basis="建筑法第八条",
        suggested_unit=BUREAU,
    )
    town.step(
        "leader3",
        "arbitrate",
        "后续环节：按裁定办理",
        ruled_unit=BUREAU,
        ruling_basis="住建局监管工地，城管局配合巡查。",
        consulted=[BUREAU, CITY],
        ruled_on=town.day(),
    )


def ask_for_help(town: Town) -> None:
    """The department in charge asks a second one, by a clock of its own."""
    handler = town.person("handler2")
    handler.go(town.case)
    handler.page.locator(".actions details.menu > summary").click()
    handler.page.get_by_role("link", name="请求协办…").click()
    fill(handler, {"units": [CITY], "question": "请查夜间施工许可。", "limit": "1"})
    handler.look("hotline-ask-help")
    handler.press("发出协办请求")
    handler.reads("已请 1 个单位协办")


def help_out(town: Town) -> None:
    """The second department finds the request in its queue and answers; the first reads it."""
    helper = town.person("handler4")
    helper.go("/?queue=help")
    helper.look("hotline-help-queue")
    helper.page.locator(f'a.row-link[href^="{town.case}"]').first.click()
    helper.reads("请查夜间施工许可。")
    fill(helper, {"answer": "该工地没有夜间施工许可。"})
    helper.look("hotline-help")
    helper.press("提交协办意见")
    helper.reads("已答复，主办单位将收到通知。")
    handler = town.person("handler2")
    handler.go(town.case)
    handler.reads("该工地没有夜间施工许可。")
    handler.look("hotline-helped")


def correct(town: Town) -> None:
    """Answered, not to the satisfaction, corrected, closed."""
    reply(town, "handler2", "handle", "后续环节：答复审核")
    good = {"reply_ok": "yes", "closing_code": "实际解决"}
    town.step("dispatcher2", "check", "后续环节：回访", **good)
    town.later(days=1)
    town.step(
        "operator1",
        "call-back",
        "后续环节：整改补办",
        satisfaction="不满意",
        solved="no",
        explained="no",
        stars="2",
        dissatisfied_reason=["解决不彻底"],
        citizen_words="昨天夜里又响了。",
    )
    reply(town, "handler2", "correct", "后续环节：答复审核", corrected_what="派人夜间值守三天。")
    town.step("dispatcher2", "check", "后续环节：回访", **good)
    operator = town.step(
        "operator1", "call-back", "事项办结", satisfaction="满意", solved="yes", stars="5"
    )
    operator.look("hotline-closed")
    operator.go(f"{town.case}/story")
    for words in ("退单", "裁定承办单位", "整改补办"):
        operator.reads(words)
    operator.look("hotline-story")


def test_it_answers_a_call_from_intake_to_close(town: Town) -> None:
    """Bounced twice, ruled by the county, helped by a second department, corrected once."""
    town.pictures = "hotline"
    call_in(town)
    bounce_twice(town)
    ask_for_help(town)
    help_out(town)
    correct(town)


def report_in(town: Town, login: str, name: str, says: str) -> None:
    """A department that was called says what it did."""
    town.step(
        login,
        name,
        says,
        whistle_result="已到场",
        arrived_at=town.clock_time(-1),
        attendees="2",
        opinion="已现场查看，同意分工处置。",
    )


def whistle(town: Town, photo: Path) -> None:
    """Reported, judged, and three departments called."""
    town.register(
        "grid1",
        "ticket",
        summary="南湖小区雨污管井塌陷",
        category="住房物业",
        setting="住宅小区",
        details="小区东门管井塌陷约一平方米，污水外溢，已设警戒带。",
        danger="no",
        place=registering.GRID,
        channel="巡查发现",
        has_reporter="no",
        settled="no",
        photos=photo,
    )
    town.step(
        "gridleader1",
        "accept",
        "后续环节：分流派单",
        checked_by="到场查看",
        check_note="情况属实，涉及几家单位。",
        acceptance="上报分流",
        hand_up_reason="需要住建、水务、城管一起到场。",
    )
    town.step(
        "dispatcher1",
        "dispatch",
        "中心吹哨、部门报到",
        dispatch_mode="中心吹哨",
        unit_choice="按分流表",
        called_units=[BUREAU, WATER, CITY],
        meeting_at=town.clock_time(3),
        meeting_place="南湖小区东门",
        requirement="带抢修设备到场。",
    )


def be_late(town: Town) -> None:
    """Two report in; days pass."""
    town.later(hours=1)
    report_in(town, "handler2", "report-in", "部门报到")
    report_in(town, "handler3", "report-in", "部门报到")
    town.later(days=6)


def supervise(town: Town) -> None:
    """Leader and supervisor are told, and see who is late."""
    leader = town.person("leader3")
    leader.go("/notices")
    leader.look("whistle-leader-notices")
    supervisor = town.person("supervisor2")
    supervisor.go("/notices")
    supervisor.reads("南湖小区雨污管井塌陷")
    supervisor.look("whistle-notices")
    supervisor.go(town.case)
    supervisor.reads("已超期")
    supervisor.look("whistle-late")
    supervisor.go(f"{town.case}/story")
    supervisor.reads("办理时限已过")
    supervisor.look("whistle-late-story")
    supervisor.go(f"{town.case}/diagram")
    supervisor.page.locator("[data-diagram][data-ready]").wait_for()
    supervisor.look("whistle-diagram")


def go_on(town: Town) -> None:
    """The last reports in; the lead department reads all three."""
    report_in(town, "handler4", "report-in-late", "后续环节：处置")
    handler = town.person("handler2")
    handler.go("/?queue=to_sign")
    handler.page.locator(f'a.row-link[href^="{town.case}"]').first.click()
    handler.press("签收")
    handler.reads("已签收")
    beside = handler.page.locator("details.beside").inner_text()
    assert all(unit in beside for unit in ("住房和城乡建设局", "水务局", "城市管理局"))
    handler.look("whistle-handle")


def test_it_calls_three_departments_and_supervises_the_late_one(town: Town, photo: Path) -> None:
    """Two report in; the third is late: leader and supervisor are told, the others go on."""
    town.pictures = "whistle"
    whistle(town, photo)
    be_late(town)
    supervise(town)
    go_on(town)
