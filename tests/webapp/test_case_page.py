"""The case page: the form, earlier answers, clocks, what comes next, story, diagram, moves."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from engine import org
from engine.definitions import versions
from engine.models import AdminEvent, Event, Unit, User, new_id
from engine.storage.db import reading
from tests.engine.casework.world import ACCEPT, DISPATCH, HANDLE, REPORT, ROOT, TRACK, World
from tests.webapp.site import Browser, Site, hidden, plain

# One of a case page's is for the units that help, one for those called to answer, one of every
# tab's for followed and remarks.
CASE_PAGE, STORY_PAGE, CLOCKS_PAGE = 4 + 10, 4 + 7, 4 + 14
# What was said, and who may be named: the units that see the case, and their people.
REMARKS_PAGE = 4 + 4 + 3


def at_accept(site: Site, **answers: Any) -> tuple[int, int, Browser]:
    """A ticket that the grid leader has signed for."""
    case_id = site.open(**answers)
    task_id = site.run(lambda world: world.task(case_id).id)
    leader = site.browser("grid_leader")
    assert leader.post(f"/tasks/{task_id}/sign").status_code == 303
    return case_id, task_id, leader


def at_handling(site: Site) -> tuple[int, int]:
    """A ticket that waits for the department's handlers."""

    def walk(world: World) -> tuple[int, int]:
        case_id = world.open()
        world.complete("grid_leader", case_id, ACCEPT)
        world.complete("dispatcher", case_id, DISPATCH)
        return case_id, world.task(case_id, "handle").id

    return site.run(walk)


def test_it_says_until_when_a_case_waits_that_waits_for_nobody(site: Site) -> None:
    """To who has just let it wait, and to who opens its page: the moment, and what for."""
    case_id, _task_id = at_handling(site)
    site.run(lambda world: world.complete("handler", case_id, HANDLE))
    task_id = site.run(lambda world: world.task(case_id, "track").id)
    photo = site.run(lambda world: world.photo("worker"))
    again = {**TRACK, "track_result": "继续跟踪", "track_photos": photo}
    worker = site.browser("worker")
    done = worker.post(f"/tasks/{task_id}/complete", again)
    assert done.status_code == 303

    words = "流程等待至 11月25日 18:00（3 个工作日后再看），届时自动继续。"
    assert f"已提交。{words}" in plain(worker.get(done.headers["Location"]))
    assert words in plain(worker.get(f"/cases/{case_id}"))


def test_it_shows_what_is_asked_by_when_and_by_which_rule(site: Site) -> None:
    case_id, _task_id, leader = at_accept(site)
    page = plain(leader.get(f"/cases/{case_id}"))

    for words in ("核实方式", "答复时限", "签收", "办理", "民法典第二百零一条", "后续环节"):
        assert words in page, words
    assert "村内办理 → 处置（村内）" in page and "上报分流 → 分流派单" in page
    assert REPORT["details"] in page


def test_it_shows_the_way_done_and_ahead(site: Site) -> None:
    case_id, _task_id, leader = at_accept(site)
    steps = re.findall(
        r'<li class="step-(\w+)"[^>]*>([^<]+)<', leader.get(f"/cases/{case_id}").text
    )
    assert steps[0] == ("done", "发现上报") and ("current", "受理") in steps
    assert ("ahead", "处置") in steps


def test_it_says_who_has_to_do_with_the_case(site: Site) -> None:
    """Those at work first, a unit while nobody of it has signed, everybody once."""
    case_id, task_id = at_handling(site)
    handler = site.browser("handler")

    def people() -> str:
        found = re.search(
            r'id="involved-title".*?</section>', handler.get(f"/cases/{case_id}").text, re.S
        )
        assert found is not None
        return " ".join(re.sub(r"<[^>]*>", " ", found.group()).split())

    waiting = people()
    assert re.search(r"住房和城乡建设局 待签收 · 处置", waiting), waiting
    assert "员工handler" not in waiting
    handler.post(f"/tasks/{task_id}/sign")
    signed = people()
    assert "待签收" not in signed and signed.count("员工handler") == 1
    at = [
        signed.index(words)
        for words in ("员工handler", "正在办理 · 处置", "员工dispatcher", "分流派单", "员工worker")
    ]
    assert at == sorted(at), signed


def test_it_masks_personal_answers_and_records_who_looks(site: Site) -> None:
    case_id, task_id = at_handling(site)
    handler = site.browser("handler")
    page = handler.get(f"/cases/{case_id}")
    assert REPORT["reporter_phone"] not in page.text and REPORT["reporter_name"] not in page.text
    assert "138****" in page.text

    asked = {"node": "report", "name": "reporter_phone", "task": task_id}
    dispatcher = site.browser("dispatcher")
    shown = dispatcher.post(f"/cases/{case_id}/reveal", asked)
    assert REPORT["reporter_phone"] in shown.text
    events = site.run(lambda world: world.events(case_id, "personal.shown"))
    assert [json.loads(event.data)["field"] for event in events] == ["reporter_phone"]
    assert REPORT["reporter_phone"] not in dispatcher.get(f"/cases/{case_id}").text
    assert "查看一项个人信息" in plain(dispatcher.get(f"/cases/{case_id}/story"))


def test_who_holds_a_case_is_recorded_once_and_who_does_not_each_time(site: Site) -> None:
    case_id = site.open()
    phone, name = ({"node": "report", "name": f"reporter_{one}"} for one in ("phone", "name"))

    def looks(login: str, kind: type[Event] | type[AdminEvent]) -> list[str]:
        with site.app.app_context(), reading() as db:
            mine = kind.actor_id == site.world.logins[login]
            found = select(kind.data).where(kind.kind == "personal.shown", mine)
            found = found.order_by(kind.seq)
            return [json.loads(data)["field"] for data in db.scalars(found)]

    holder, other = site.browser("grid_leader"), site.browser("dispatcher")
    for browser in (holder, other):
        for asked in (phone, name, phone):
            shown = browser.post(f"/cases/{case_id}/reveal", asked)
            assert REPORT[asked["name"]] in shown.text
    each = ["reporter_phone", "reporter_name", "reporter_phone"]
    for kind in (Event, AdminEvent):
        assert looks("grid_leader", kind) == ["*"]
        assert looks("dispatcher", kind) == each
    # Once a case, and once for each person.
    holder.post(f"/cases/{site.open()}/reveal", phone)
    assert looks("grid_leader", AdminEvent) == ["*", "*"]
    site.browser("worker").post(f"/cases/{case_id}/reveal", phone)
    assert looks("worker", Event) == ["*"]
    assert "在办理中查看个人信息" in plain(holder.get(f"/cases/{case_id}/story"))


def test_it_shows_nothing_personal_to_who_has_no_need(site: Site) -> None:
    case_id = site.open()
    leader = site.browser("county_leader")
    assert "显示</button>" not in leader.get(f"/cases/{case_id}").text
    asked = {"node": "report", "name": "reporter_phone"}
    assert leader.post(f"/cases/{case_id}/reveal", asked).status_code == 403


def test_it_shows_errors_at_the_field_and_keeps_what_was_typed(site: Site) -> None:
    case_id, task_id, leader = at_accept(site)
    wrong = {**ACCEPT, "hand_up_reason": "", "check_note": "已到现场 <b>核实</b>"}
    answer = leader.post(f"/tasks/{task_id}/complete", wrong)

    assert answer.status_code == 422
    assert "有 1 处需要修改" in plain(answer)
    assert 'href="#field-hand_up_reason"' in answer.text
    assert "已到现场 &lt;b&gt;核实&lt;/b&gt;" in answer.text
    assert re.search(r'id="field-hand_up_reason"[^>]*aria-invalid="true"', answer.text)
    assert site.run(lambda world: world.open_nodes(case_id)) == ["accept"]


def test_it_reveals_conditional_fields_without_a_script(site: Site) -> None:
    _case_id, task_id, leader = at_accept(site)
    field = re.compile(r'data-name="refusal_reason"[^>]*?(hidden)?>')
    before = leader.get(f"/tasks/{task_id}", follow_redirects=True).text
    assert field.search(before)[1] == "hidden"

    typed = {"acceptance": "不予受理", "check_note": "不属实", "refresh": "1"}
    after = leader.post(f"/tasks/{task_id}/complete", typed)
    assert after.status_code == 200 and field.search(after.text)[1] is None
    assert "不属实" in after.text


def jpeg() -> tuple[io.BytesIO, str]:
    image = io.BytesIO()
    Image.new("RGB", (60, 40), "blue").save(image, "JPEG")
    image.seek(0)
    return image, "路面.jpg"


def test_it_keeps_uploads_when_the_form_comes_back(site: Site) -> None:
    worker = site.browser("worker")
    once = hidden(worker.get("/cases/new/ticket"), "once")
    typed = {**REPORT, "summary": "", "once": once, "photos-upload": jpeg()}
    answer = worker.post("/cases/new/ticket", typed, content_type="multipart/form-data")
    assert answer.status_code == 422 and "路面.jpg" in answer.text
    photo = re.search(r'name="photos" value="(\d+)" checked', answer.text)[1]

    sent = worker.post("/cases/new/ticket", {**REPORT, "once": once, "photos": photo})
    assert sent.status_code == 303
    materials = worker.get(f"{sent.headers['Location']}/materials")
    assert "路面.jpg" in materials.text and "没有位置证明" in plain(materials)


def test_it_refuses_an_upload_that_is_not_what_it_says(site: Site) -> None:
    worker = site.browser("worker")
    once = hidden(worker.get("/cases/new/ticket"), "once")
    fake = (io.BytesIO(b"<html><script>alert(1)</script></html>"), "photo.jpg")
    typed = {**REPORT, "once": once, "photos-upload": fake}
    answer = worker.post("/cases/new/ticket", typed, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "photo.jpg：不支持的文件类型" in plain(answer)


def test_it_adds_files_outside_of_the_form(site: Site) -> None:
    case_id, task_id, leader = at_accept(site)
    page = leader.get(f"/cases/{case_id}/materials").text
    assert f"/tasks/{task_id}/files" in page
    both = {"file": [jpeg(), (io.BytesIO(b"<html><script></script></html>"), "virus.pdf")]}
    answer = leader.post(f"/tasks/{task_id}/files", both, content_type="multipart/form-data")
    shown = plain(leader.get(answer.headers["Location"]))
    assert "路面.jpg 已上传" in shown and "virus.pdf：不支持的文件类型" in shown
    assert "上传材料" in plain(leader.get(f"/cases/{case_id}/story"))

    worker = site.browser("worker")
    assert f"/tasks/{task_id}/files" not in worker.get(f"/cases/{case_id}/materials").text
    refused = worker.post(
        f"/tasks/{task_id}/files", {"file": [jpeg()]}, content_type="multipart/form-data"
    )
    assert refused.status_code == 403


def test_it_adds_and_removes_rows_without_a_script(site: Site) -> None:
    def prepare(world: World) -> None:
        files = versions.read_directory(ROOT)["dispute"]
        with world.do() as db:
            versions.publish(db, "dispute", files, now=world.now)
            committee = Unit(
                id=new_id(), code="V1-TW", name="南湖村调委会", level="village", kind="committee",
                parent_id=db.scalars(select(Unit.id).where(Unit.code == "V1")).one(),
                created_at=world.now,
            )  # fmt: skip
            committee.stamp(db.scalars(select(Unit).where(Unit.code == "V1")).one())
            db.add(committee)
            user = db.get_one(User, world.logins["worker"])
            org.create_post(db, None, unit=committee, role="mediator", user=user, now=world.now)

    site.run(prepare)
    mediator = site.browser("worker")
    assert "矛盾纠纷" in plain(mediator.get("/cases/new"))
    path = "/cases/new/dispute"
    typed = {"summary": "宅基地边界", "parties-0-party_name": "王某", "parties-add": "1"}
    page = mediator.post(path, typed)
    assert page.status_code == 200
    assert 'name="parties-1-party_name"' in page.text and 'value="王某"' in page.text
    # Without scripts too the new party is a person, whose ID is asked.
    assert 'name="parties-1-party_kind" value="自然人" checked' in page.text
    asked = page.text.split('data-name="parties-1-party_id"')[1].split(">")[0]
    assert "data-show-when" in asked and "hidden" not in asked

    typed = {"parties-0-party_name": "王某", "parties-1-party_name": "李某", "parties-remove": "0"}
    page = mediator.post(path, typed)
    assert 'value="李某"' in page.text and 'value="王某"' not in page.text


def test_it_escapes_whatever_people_write(site: Site) -> None:
    evil = "<script>alert(1)</script>"
    case_id, task_id, leader = at_accept(site, summary=evil, details=f"\"'><img src=x>{evil}")
    leader.post(f"/tasks/{task_id}/draft", {"check_note": f"</textarea>{evil}"})
    for path in ("", "/story", "/diagram", "/materials"):
        page = leader.get(f"/cases/{case_id}{path}").text
        assert "<script>alert" not in page and "<img src=x>" not in page, path
    for path in ("/?queue=mine", "/cases", f"/cases?q={evil}", f"/tasks/{task_id}/return"):
        assert "<script>alert" not in leader.get(path).text, path


def test_it_gives_a_task_back_and_sends_it_back(site: Site) -> None:
    case_id, task_id, leader = at_accept(site)
    assert leader.post(f"/tasks/{task_id}/release").status_code == 303
    assert f"/tasks/{task_id}/sign" in leader.get(f"/cases/{case_id}").text

    page = leader.get(f"/tasks/{task_id}/return")
    assert "发现上报" in plain(page)
    empty = leader.post(f"/tasks/{task_id}/return", {"target": "report", "reason": " "})
    assert empty.status_code == 422 and "请填写退回原因" in plain(empty)
    elsewhere = leader.post(f"/tasks/{task_id}/return", {"target": "rate", "reason": "x"})
    assert elsewhere.status_code == 403
    assert (
        leader.post(
            f"/tasks/{task_id}/return", {"target": "report", "reason": "请补充照片"}
        ).status_code
        == 303
    )
    assert site.run(lambda world: world.open_nodes(case_id)) == ["report"]
    assert "退回“受理”" in plain(site.browser("worker").get(f"/cases/{case_id}/story"))


def test_it_offers_a_button_exactly_while_the_diagram_catches_it(site: Site) -> None:
    case_id = site.open()
    worker = site.browser("worker")
    button = f"/cases/{case_id}/messages/withdraw"
    assert button in worker.get(f"/cases/{case_id}/moves").text
    assert button not in site.browser("grid_leader").get(f"/cases/{case_id}/moves").text
    assert "反映人撤回" in plain(worker.get(button))

    site.run(lambda world: world.complete("grid_leader", case_id, ACCEPT))
    gone = worker.get(f"/cases/{case_id}/moves")
    assert button not in gone.text and "流程在此环节不支持此操作" in plain(gone)
    late = worker.post(button, {"withdrawn_on": "2026-11-20"})
    assert late.status_code == 409 and "流程已推进" in plain(late)


def test_it_withdraws_with_the_form_of_the_button(site: Site) -> None:
    case_id = site.open()
    worker = site.browser("worker")
    button = f"/cases/{case_id}/messages/withdraw"
    answers = {"withdrawn_on": "2026-11-20", "withdrawal_reason": "已自行解决"}
    missing = worker.post(button, answers)
    assert missing.status_code == 422 and "已自行解决" in missing.text

    done = worker.post(button, {**answers, "safety_checked": "yes"}, follow_redirects=True)
    assert "事项办结" in plain(done) and "已撤回" in plain(done)


def test_it_marks_the_diagram(site: Site) -> None:
    case_id, _task_id, leader = at_accept(site)
    page = leader.get(f"/cases/{case_id}/diagram").text
    marks = json.loads(unescape(re.search(r'data-marks="([^"]*)"', page)[1]))
    assert marks["report"]["state"] == "done" and "员工worker" in marks["report"]["text"]
    assert marks["accept"] == {"state": "current", "text": "员工grid_leader"}
    assert "gw_settled" not in marks

    file = leader.get(f"/cases/{case_id}/diagram.bpmn")
    assert file.mimetype == "application/bpmn+xml" and b"<bpmn:definitions" in file.data


def test_it_tells_the_story_in_sentences(site: Site) -> None:
    case_id, task_id, leader = at_accept(site)
    leader.post(f"/tasks/{task_id}/complete", ACCEPT)
    story = plain(leader.get(f"/cases/{case_id}/story"))
    for words in ("员工worker 登记事项", "员工grid_leader 签收“受理”", "办结“受理”", "系统步骤"):
        assert words in story, words


def test_it_speaks_english_on_every_tab(site: Site) -> None:
    case_id, task_id, leader = at_accept(site)
    leader.post("/language", {"locale": "en"})
    page = plain(leader.get(f"/cases/{case_id}"))
    for words in ("How it was checked", "Reply deadline", "Next steps", "Submit", "Accept"):
        assert words in page, words
    assert "signed for “Accept”" in plain(leader.get(f"/cases/{case_id}/story"))
    refused = plain(leader.post(f"/tasks/{task_id}/complete", {}))
    assert "Please correct: 3" in refused


@pytest.mark.parametrize(
    ("tab", "most"),
    [
        ("", CASE_PAGE),
        ("/story", STORY_PAGE),
        ("/materials", STORY_PAGE),
        ("/clocks", CLOCKS_PAGE),
        ("/remarks", REMARKS_PAGE),
    ],
)
def test_it_asks_the_database_no_more_for_a_longer_history(site: Site, tab: str, most: int) -> None:
    case_id, task_id = at_handling(site)
    handler = site.browser("handler")
    handler.post(f"/tasks/{task_id}/sign")
    path = f"/cases/{case_id}{tab}"
    handler.get(path)
    with site.statements() as few:
        handler.get(path)
    for _round in range(6):
        open_task = site.run(lambda world: world.task(case_id, "handle").id)
        handler.post(f"/tasks/{open_task}/release")
        handler.post(f"/tasks/{open_task}/sign")
    with site.statements() as many:
        handler.get(path)

    assert len(many) == len(few), "\n\n".join(many)
    assert len(many) <= most, "\n\n".join(many)
