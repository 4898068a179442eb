"""Supervision notices and calls on their pages: issued, listed, answered, decided, printed."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.models import Demand, Unit
from engine.reports import demands as lists
from engine.storage.db import reading
from tests.engine.casework.test_demands import issue, stand_in
from tests.engine.casework.world import FRIDAY_9AM, World
from tests.webapp.site import Site, plain

ASKED = {"words": "请说明为何迟迟没有受理。", "amount": "1", "limit_unit": "working_days"}
ROW = re.compile(r'class="row-link" href="/demands/(\d+)"')
LIVE = re.compile(r'hx-get="(/demands/live[^"]*)"')
NEXT = re.compile(r'rel="next" href="([^"]+)"')


def unit_id(site: Site, code: str) -> str:
    with site.app.app_context(), reading() as db:
        return str(db.scalars(select(Unit.id).where(Unit.code == code)).one())


def row(site: Site) -> Demand:
    with site.app.app_context(), reading() as db:
        return db.scalars(select(Demand).order_by(Demand.id.desc())).first()  # type: ignore[return-value]


@pytest.fixture
def notice(site: Site) -> str:
    """A notice that the county's supervisor issued to the village; the address of its page."""
    case_id = site.open()
    task_id = site.run(lambda world: world.task(case_id).id)
    page = site.browser("county_supervisor")
    address = f"/tasks/{task_id}/moves/supervise"
    asked = page.get(address)
    assert asked.status_code == 200 and "督办要求" in plain(asked)
    done = page.post(address, {**ASKED, "unit": unit_id(site, "V1")})
    assert done.status_code == 303
    return f"/demands/{row(site).id}"


def test_it_is_issued_from_the_board_and_found_by_who_must_answer(site: Site, notice: str) -> None:
    leader = site.browser("grid_leader")
    workbench = plain(leader.get("/"))
    assert "待答复 1" in workbench
    listed = leader.get("/demands?mine=1")
    assert ROW.findall(listed.text) == [notice.rpartition("/")[2]]
    assert "督〔2026〕0001" in plain(listed) and "还剩" in plain(listed)

    page = plain(leader.get(notice))
    assert "请说明为何迟迟没有受理。" in page and "提交答复" in page and "审核答复" not in page
    case = leader.get(f"/cases/{row(site).case_id}")
    assert f'href="{notice}"' in case.text and "督办与呼叫" in plain(case)


def test_it_goes_through_rounds_until_an_answer_is_accepted(site: Site, notice: str) -> None:
    leader, supervisor = site.browser("grid_leader"), site.browser("county_supervisor")
    empty = leader.post(f"{notice}/answer", {"words": " "})
    assert empty.status_code == 422 and "请填写内容" in plain(empty)
    assert leader.post(f"{notice}/answer", {"words": "人手不足，明天办。"}).status_code == 303
    assert "待答复 1" not in plain(leader.get("/"))

    page = plain(supervisor.get(notice))
    assert "人手不足，明天办。" in page and "审核答复" in page
    nothing = supervisor.post(f"{notice}/decide", {"words": "不够具体"})
    assert nothing.status_code == 422 and "不够具体" in nothing.text
    refused = {"accepted": "no", "consequence": "reminder", "words": "不够具体"}
    assert supervisor.post(f"{notice}/decide", refused).status_code == 303
    assert "第 2 次待答复" in plain(leader.get(notice))
    assert "不够具体" in plain(leader.get(notice)) and "提醒谈话" in plain(leader.get(notice))

    leader.post(f"{notice}/answer", {"words": "已上报住建局。"})
    accepted = {"accepted": "yes", "consequence": "none", "words": "同意"}
    assert supervisor.post(f"{notice}/decide", accepted).status_code == 303
    assert row(site).outcome == "accepted"
    again = supervisor.post(f"{notice}/decide", accepted)
    assert again.status_code == 409 and "已办结。" in plain(again)
    closed = plain(supervisor.get("/demands?stand=closed"))
    assert "督〔2026〕0001" in closed and "答复已通过" in closed


def test_it_offers_no_decision_to_who_belongs_to_the_unit(site: Site, notice: str) -> None:
    """The county's leader, who stands in at the village: neither asked nor heard."""
    answered = site.browser("grid_leader").post(f"{notice}/answer", {"words": "已受理。"})
    assert answered.status_code == 303
    leader = site.browser("county_leader")
    assert "审核答复" in plain(leader.get(notice))
    site.run(lambda world: stand_in(world, "county_leader", "V1", "grid_leader"))
    assert "审核答复" not in plain(leader.get(notice))
    sent = {"accepted": "yes", "consequence": "none", "words": "同意"}
    assert leader.post(f"{notice}/decide", sent).status_code == 403
    assert leader.post(f"{notice}/withdraw", {"words": "误发"}).status_code == 403
    assert row(site).outcome is None


def test_it_prints_a_sheet_with_its_number_and_room_for_seals(site: Site, notice: str) -> None:
    sheet = site.browser("grid_leader").get(f"{notice}/sheet")
    text = plain(sheet)
    assert "督办通知单" in text and "督〔2026〕0001" in text and "（盖章）" in text
    assert "<svg" in sheet.text


def test_it_is_withdrawn_by_who_issued_it_alone(site: Site, notice: str) -> None:
    assert site.browser("grid_leader").post(f"{notice}/withdraw", {"words": "x"}).status_code == 403
    done = site.browser("county_supervisor").post(f"{notice}/withdraw", {"words": "误发"})
    assert done.status_code == 303 and row(site).outcome == "withdrawn"
    assert "误发" in plain(site.browser("grid_leader").get(notice))


def test_it_is_hidden_from_who_only_reported(site: Site, notice: str) -> None:
    """The grid worker sees the case, and not what the leader is asked to account for."""
    worker = site.browser("worker")
    assert worker.get(notice).status_code == 404
    assert worker.post(f"{notice}/answer", {"words": "x"}).status_code == 404
    case = worker.get(f"/cases/{row(site).case_id}")
    assert case.status_code == 200 and "督办与呼叫" not in plain(case)
    assert ROW.findall(worker.get("/demands").text) == []
    assert worker.get("/demands?unit=1").status_code == 404


def test_a_centre_calls_a_department_that_must_answer(site: Site) -> None:
    case_id = site.open()
    dispatcher = site.browser("county_dispatcher")
    assert "中心呼…" in plain(dispatcher.get(f"/cases/{case_id}/moves"))
    address = f"/cases/{case_id}/moves/call"
    strange = dispatcher.post(address, {**ASKED, "unit": unit_id(site, "V1")})
    assert strange.status_code == 422
    called = {**ASKED, "limit_unit": "working_hours", "unit": unit_id(site, "620725-SWJ")}
    assert dispatcher.post(address, called).status_code == 303

    handler = site.browser("water_handler")
    assert "呼〔2026〕0001" in plain(handler.get("/demands?kind=call"))
    page = f"/demands/{row(site).id}"
    assert handler.post(f"{page}/answer", {"words": "半小时到场。"}).status_code == 303
    board = plain(dispatcher.get("/demands?kind=call"))
    assert "已答复，待审核" in board and "共 1" in board


def test_its_board_counts_by_unit_and_turns_late_by_itself(site: Site, notice: str) -> None:
    supervisor = site.browser("county_supervisor")
    page = supervisor.get("/demands")
    assert "共 1" in plain(page) and "逾期未答复" not in plain(page)
    found = LIVE.search(page.text)
    assert found is not None
    live = html.unescape(found[1])
    assert supervisor.get(live).status_code == 204

    site.run(lambda world: world.work(FRIDAY_9AM + timedelta(days=4)))
    changed = site.fresh("county_supervisor").get(live)
    assert changed.status_code == 200 and "逾期未答复" in plain(changed)
    assert "已超期" in plain(changed)


def test_it_leads_through_all_pages_of_a_long_list(site: Site) -> None:
    def fill(world: World) -> None:
        for number in range(lists.PAGE_SIZE + 3):
            issue(world, world.open(summary=f"第 {number} 处"))

    site.run(fill)
    supervisor = site.browser("county_supervisor")
    for stand in ("", "answer"):
        first = supervisor.get(f"/demands?stand={stand}")
        following = NEXT.search(first.text)
        assert following is not None
        second = supervisor.get(html.unescape(following[1]))
        pages = [set(ROW.findall(page.text)) for page in (first, second)]
        assert [len(page) for page in pages] == [lists.PAGE_SIZE, 3]
        assert pages[0].isdisjoint(pages[1])
    with site.statements() as seen:
        supervisor.get("/demands")
    assert len(seen) <= 10, "\n\n".join(seen)
