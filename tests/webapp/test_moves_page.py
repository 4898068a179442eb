"""Every move from the page: offered where it succeeds, explained where not, made once."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from engine.models import Case, Extension, Pause, Task, Unit
from engine.storage.db import reading
from tests.engine.casework.world import ACCEPT, FEEDBACK, HANDLE, RATE, TRACK
from tests.webapp.site import Browser, Site, plain
from tests.webapp.test_case_page import at_accept, at_handling

REASON = {"reason": "另有任务"}
SIGNED = "handler"


@pytest.fixture
def handling(site: Site) -> tuple[int, int]:
    """A ticket that a handler of the department has signed for."""
    case_id, task_id = at_handling(site)
    assert site.browser(SIGNED).post(f"/tasks/{task_id}/sign").status_code == 303
    return case_id, task_id


def row(site: Site, task_id: int) -> Task:
    with site.app.app_context(), reading() as db:
        return db.get_one(Task, task_id)


def menu(browser: Browser, case_id: int, task_id: int | None = None) -> str:
    query = "" if task_id is None else f"?task={task_id}"
    return plain(browser.get(f"/cases/{case_id}/moves{query}"))


def options(page: str) -> dict[str, str]:
    """Words -> value of every choice on a page."""
    found = re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)<', page)
    radios = re.findall(r'value="([^"]+)"[^>]*required>\s*<label[^>]*>([^<]+)<', page)
    return {words: value for value, words in (*found, *radios)}


def test_it_offers_what_would_succeed_and_says_why_else_not(
    site: Site, handling: tuple[int, int]
) -> None:
    case_id, task_id = handling
    page = menu(site.browser(SIGNED), case_id, task_id)
    for words in ("转办…", "暂停…", "申请延期…", "请求协办…", "退回…", "取消签收"):
        assert words in page, words
    assert "催办" not in page and "审批延期" not in page

    leader = menu(site.browser("department_leader"), case_id, task_id)
    assert "指派…" in leader and "催办…" in leader
    assert "审批延期 没有待审批的延期申请" in leader and "审批延期…" not in leader


def test_it_transfers_to_a_colleague_and_to_a_sibling_unit(
    site: Site, handling: tuple[int, int]
) -> None:
    _case_id, task_id = handling
    handler, address = site.browser(SIGNED), f"/tasks/{task_id}/moves/transfer"
    choices = options(handler.get(address).text)
    with site.app.app_context(), reading() as db:
        water = db.scalars(select(Unit).where(Unit.code == "620725-SWJ")).one()
    assert set(choices.values()) >= {f"{water.id}."} and "员工colleague" in choices

    empty = handler.post(address, {"target": "", "reason": " "})
    assert empty.status_code == 422 and plain(empty).count("请填写或选择") == 2
    strange = handler.post(address, {"target": "1.", **REASON})
    assert strange.status_code == 422 and row(site, task_id).assignee_id is not None

    done = handler.post(address, {"target": choices["员工colleague"], **REASON})
    assert done.status_code == 303
    assert row(site, task_id).assignee_id == site.world.logins["colleague"]
    again = handler.post(address, {"target": choices["员工colleague"], **REASON})
    assert again.status_code == 403

    colleague = site.browser("colleague")
    assert colleague.post(address, {"target": f"{water.id}.", **REASON}).status_code == 303
    assert (row(site, task_id).unit_id, row(site, task_id).assignee_id) == (water.id, None)


def test_it_assigns_urges_and_refuses_to_urge_twice(site: Site) -> None:
    case_id, task_id = at_handling(site)
    leader = site.browser("department_leader")
    choices = options(leader.get(f"/tasks/{task_id}/moves/assign").text)
    person = choices["员工colleague"]
    assert leader.post(f"/tasks/{task_id}/moves/assign", {"person": person}).status_code == 303
    assert row(site, task_id).assignee_id == site.world.logins["colleague"]
    again = leader.post(f"/tasks/{task_id}/moves/assign", {"person": person})
    assert again.status_code in (409, 422)

    urge = f"/tasks/{task_id}/moves/urge"
    assert leader.post(urge).status_code == 303
    twice = leader.post(urge)
    assert twice.status_code == 409 and "您刚催办过" in plain(twice)
    assert "催办 您刚催办过" in menu(leader, case_id, task_id)
    assert "催办" in plain(site.browser("colleague").get(f"/cases/{case_id}/story"))


def test_it_suspends_and_resumes(site: Site, handling: tuple[int, int]) -> None:
    case_id, task_id = handling
    handler, address = site.browser(SIGNED), f"/tasks/{task_id}/moves/suspend"
    assert "等待当事人（最长 5 个工作日）" in plain(handler.get(address))
    assert handler.post(address, {"reason": "x", "note": "出差"}).status_code == 422
    assert handler.post(address, {"reason": "party", "note": "出差未归"}).status_code == 303
    assert handler.post(address, {"reason": "party", "note": "出差未归"}).status_code == 409

    page = plain(handler.get(f"/cases/{case_id}"))
    assert "办理时限停止计时" in page and "暂停" in page
    for address in ("/?queue=mine", "/cases"):
        listed = plain(handler.get(address))
        told = listed.rsplit("剩余", 1)[1]
        assert "暂停" in told and "不限时" not in told and "正常" not in told
    assert "转办 本环节已暂停，请先恢复办理" in menu(handler, case_id, task_id)
    assert handler.post(f"/tasks/{task_id}/moves/resume").status_code == 303
    assert handler.post(f"/tasks/{task_id}/moves/resume").status_code == 409
    assert row(site, task_id).paused_at is None
    with site.app.app_context(), reading() as db:
        assert db.scalars(select(Pause)).one().until_at is not None


def test_it_brings_an_extension_before_the_leader(site: Site, handling: tuple[int, int]) -> None:
    case_id, task_id = handling
    handler, leader = site.browser(SIGNED), site.browser("department_leader")
    ask, decide = f"/tasks/{task_id}/moves/extend", f"/tasks/{task_id}/moves/decide"
    assert handler.post(ask, {"amount": "99", **REASON}).status_code == 422
    assert handler.post(ask, {"amount": "2x", **REASON}).status_code == 422
    assert handler.post(ask, {"amount": "2", **REASON}).status_code == 303
    assert "每个环节只能申请一次延期" in menu(handler, case_id, task_id)

    assert "待您审批" in plain(leader.get(f"/cases/{case_id}"))
    assert "待您审批" not in plain(handler.get(f"/cases/{case_id}"))
    assert handler.post(decide, {"granted": "yes", **REASON}).status_code == 403
    before = row(site, task_id).due_at
    assert leader.post(decide, {"granted": "yes", **REASON}).status_code == 303
    assert leader.post(decide, {"granted": "yes", **REASON}).status_code == 409
    after = row(site, task_id).due_at
    assert before is not None and after is not None and after > before
    with site.app.app_context(), reading() as db:
        assert db.scalars(select(Extension)).one().granted is True


def test_it_recalls_while_the_next_step_is_untouched(site: Site) -> None:
    case_id, task_id, leader = at_accept(site)
    site.run(lambda world: world.complete("grid_leader", case_id, ACCEPT))
    assert "撤回：“受理”…" in menu(leader, case_id)
    assert leader.post(f"/tasks/{task_id}/moves/recall").status_code == 303
    assert leader.post(f"/tasks/{task_id}/moves/recall").status_code == 409
    assert site.run(lambda world: world.open_nodes(case_id)) == ["accept"]


def test_it_reopens_a_closed_case(site: Site) -> None:
    case_id, _task_id = at_handling(site)

    def close(world):  # type: ignore[no-untyped-def]
        steps = (("handler", HANDLE), ("worker", TRACK), ("worker", FEEDBACK), ("dispatcher", RATE))
        for login, answers in steps:
            world.complete(login, case_id, answers)

    site.run(close)
    leader, address = site.browser("town_leader"), f"/cases/{case_id}/moves/reopen"
    assert "重新办理…" in menu(leader, case_id)
    steps = options(leader.get(address).text)
    assert leader.post(address, {"target": steps["处置"], "reason": "没有修好"}).status_code == 303
    again = leader.post(address, {"target": steps["处置"], "reason": "没有修好"})
    assert again.status_code == 409 and "事项没有办结" in plain(again)
    assert site.run(lambda world: world.open_nodes(case_id)) == ["handle"]


def test_it_says_who_was_faster(site: Site, handling: tuple[int, int]) -> None:
    case_id, task_id = handling
    site.run(lambda world: world.complete(SIGNED, case_id, HANDLE))
    late = site.browser(SIGNED).post(f"/tasks/{task_id}/moves/suspend", {"reason": "party"})
    assert late.status_code == 409 and "本环节已由员工handler" in plain(late)


@pytest.mark.parametrize("address", ["moves/nothing", "moves/comment", "moves/reopen"])
def test_it_knows_no_other_move(site: Site, handling: tuple[int, int], address: str) -> None:
    page = site.browser(SIGNED).get(f"/tasks/{handling[1]}/{address}")
    assert page.status_code == 404


def test_it_classifies_a_case_anew_and_reckons_its_limits(
    site: Site, handling: tuple[int, int]
) -> None:
    """The page asks with what stands there; the same once more is refused with the reason."""
    case_id, _task_id = handling
    leader, address = site.browser("county_leader"), f"/cases/{case_id}/moves/reclassify"
    assert "重新定性…" in menu(leader, case_id)
    page = leader.get(address)
    assert 'value="住房物业" selected' in page.text

    answers = {"category": "住房物业", "risk": "", "priority": "紧急", **REASON}
    assert leader.post(address, answers).status_code == 303
    again = leader.post(address, answers)
    assert again.status_code == 409 and "与现在的一样" in plain(again)
    with site.app.app_context(), reading() as db:
        assert db.get_one(Case, case_id).priority == "紧急"
    worklist = site.browser(SIGNED).get("/?queue=mine").text
    assert '<span class="badge-urgent">紧急</span>' in worklist
