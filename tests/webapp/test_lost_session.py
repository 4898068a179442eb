"""A lost session, a stale page, a second click: one effect, a clear message, nothing lost."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from engine.models import Case, Event
from engine.storage.db import reading
from tests.engine.casework.world import ACCEPT, REPORT
from tests.webapp.site import PASSWORD, Browser, Site, hidden, plain


def signed_task(site: Site) -> tuple[int, int]:
    """A ticket whose accept task the grid leader has signed for."""
    case_id = site.open()
    task_id = site.run(lambda world: world.task(case_id).id)
    assert site.browser("grid_leader").post(f"/tasks/{task_id}/sign").status_code == 303
    return case_id, task_id


def completions(site: Site, case_id: int) -> int:
    return len(site.run(lambda world: world.events(case_id, "task.completed")))


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the page's last form."""
    form = page[page.rindex("<form action=") :]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: value.replace("&#34;", '"').replace("&amp;", "&") for name, value in found}


def test_it_keeps_what_was_typed_when_the_session_is_gone(site: Site) -> None:
    case_id, task_id = signed_task(site)
    lost = site.browser()
    answer = lost.post(f"/tasks/{task_id}/complete", ACCEPT)
    assert answer.status_code == 400
    assert "登录已过期" in plain(answer) and "尚未生效" in plain(answer)
    assert ACCEPT["check_note"] not in answer.text

    entered = lost.post(
        "/login",
        {"login": "grid_leader", "password": PASSWORD, "kept": hidden(answer, "kept")},
    )
    assert "请确认提交" in plain(entered)
    # At a desk that two people share it may be the other one who has logged in.
    assert "当前登录人为员工grid_leader，提交将记在此人名下" in plain(entered)
    kept = fields_of(entered.text)
    assert kept["check_note"] == ACCEPT["check_note"]

    sent = lost.post(f"/tasks/{task_id}/complete", kept, token=kept.pop("csrf_token"))
    assert sent.status_code == 303, plain(sent)
    assert completions(site, case_id) == 2


def test_it_takes_a_form_again_after_a_login_in_another_tab(site: Site) -> None:
    case_id, task_id = signed_task(site)
    leader = site.browser("grid_leader")
    stale = leader.token()
    leader.post("/login", {"login": "grid_leader", "password": PASSWORD})

    answer = leader.post(f"/tasks/{task_id}/complete", ACCEPT, token=stale)
    assert answer.status_code == 400 and "重新提交" in plain(answer)
    assert completions(site, case_id) == 1
    kept = fields_of(answer.text)
    assert (
        leader.post(f"/tasks/{task_id}/complete", kept, token=kept["csrf_token"]).status_code == 303
    )
    assert completions(site, case_id) == 2


def test_it_keeps_nothing_that_another_site_sent(site: Site) -> None:
    _case_id, task_id = signed_task(site)
    leader = site.browser("grid_leader")
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        answer = leader.client.post(f"/tasks/{task_id}/complete", data=ACCEPT, headers=headers)
        assert answer.status_code == 400
        assert ACCEPT["check_note"] not in answer.text and "重新提交" not in answer.text


def test_it_refuses_a_kept_form_that_was_altered_or_is_too_old(site: Site) -> None:
    _case_id, task_id = signed_task(site)
    lost = site.browser()
    word = hidden(lost.post(f"/tasks/{task_id}/complete", ACCEPT), "kept")
    for wrong in (word[:-4] + "AAAA", "x", ""):
        answer = lost.post("/login", {"login": "grid_leader", "password": PASSWORD, "kept": wrong})
        assert answer.status_code == 303
        lost.post("/logout")


def test_it_tells_a_script_that_the_session_is_gone(site: Site) -> None:
    _case_id, task_id = signed_task(site)
    answer = site.browser().client.post(
        f"/tasks/{task_id}/draft", data=ACCEPT, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 401 and answer.json["error"] == "session"


def test_it_completes_once_when_the_form_is_sent_twice(site: Site) -> None:
    case_id, task_id = signed_task(site)
    leader = site.browser("grid_leader")
    assert leader.post(f"/tasks/{task_id}/complete", ACCEPT).status_code == 303
    second = leader.post(f"/tasks/{task_id}/complete", ACCEPT)

    assert second.status_code == 409
    assert "已由员工grid_leader于" in plain(second) and "本次提交未生效" in plain(second)
    assert ACCEPT["check_note"] in plain(second)
    assert completions(site, case_id) == 2


def test_it_opens_one_case_when_the_form_is_sent_twice(site: Site) -> None:
    worker = site.browser("worker")
    once = hidden(worker.get("/cases/new/ticket"), "once")
    first = worker.post("/cases/new/ticket", {**REPORT, "once": once})
    second = worker.post("/cases/new/ticket", {**REPORT, "once": once})

    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert "已经登记过" in plain(worker.get(second.headers["Location"]))
    with site.app.app_context(), reading() as db:
        assert db.scalar(select(func.count()).select_from(Case)) == 1


def at_once(site: Site, browsers: list[Browser], path: str, fields: dict[str, str]) -> list[int]:
    """The same form sent by all of them at the same moment."""
    tokens = [browser.token() for browser in browsers]
    gate = Barrier(len(browsers))

    def send(browser: Browser, token: str) -> int:
        gate.wait(10)
        data = {**fields, "csrf_token": token}
        return browser.client.post(path, data=data).status_code

    with site.at_its_time(), ThreadPoolExecutor(len(browsers)) as pool:
        return sorted(pool.map(send, browsers, tokens))


def test_it_opens_one_case_for_clicks_at_the_same_moment(site: Site) -> None:
    once = hidden(site.browser("worker").get("/cases/new/ticket"), "once")
    browsers = [site.fresh("worker") for _ in range(3)]
    statuses = at_once(site, browsers, "/cases/new/ticket", {**REPORT, "once": once})

    assert statuses == [303, 303, 303]
    with site.app.app_context(), reading() as db:
        assert db.scalar(select(func.count()).select_from(Case)) == 1


def test_it_gives_a_task_to_one_of_two_who_sign_at_the_same_moment(site: Site) -> None:
    case_id, task_id = at_the_department(site)
    both = [site.fresh("handler"), site.fresh("colleague")]

    assert at_once(site, both, f"/tasks/{task_id}/sign", {}) == [303, 409]
    assert len(site.run(lambda world: world.events(case_id, "task.signed"))) == 1


def test_it_completes_once_for_clicks_at_the_same_moment(site: Site) -> None:
    case_id, task_id = signed_task(site)
    browsers = [site.fresh("grid_leader") for _ in range(3)]
    statuses = at_once(site, browsers, f"/tasks/{task_id}/complete", ACCEPT)

    assert statuses == [303, 409, 409]
    assert completions(site, case_id) == 2


def test_it_lets_one_of_two_people_have_a_task(site: Site) -> None:
    case_id, task_id = at_the_department(site)
    handler, colleague = site.browser("handler"), site.browser("colleague")
    page = colleague.get(f"/cases/{case_id}")
    assert f"/tasks/{task_id}/sign" in page.text
    assert handler.post(f"/tasks/{task_id}/sign").status_code == 303

    late = colleague.post(f"/tasks/{task_id}/sign")
    assert late.status_code == 409 and "员工handler" in plain(late)
    typed = colleague.post(f"/tasks/{task_id}/complete", {"measures": "我写的处置经过"})
    assert typed.status_code in (403, 409)
    assert handler.get(f"/cases/{case_id}").status_code == 200
    with site.app.app_context(), reading() as db:
        refused = db.scalars(select(Event).where(Event.kind == "refused")).all()
    assert len(refused) == 2


def at_the_department(site: Site) -> tuple[int, int]:
    """A ticket that waits for the handlers of a department."""
    from tests.engine.casework.world import DISPATCH

    def walk(world):  # type: ignore[no-untyped-def]
        case_id = world.open()
        world.complete("grid_leader", case_id, ACCEPT)
        world.complete("dispatcher", case_id, DISPATCH)
        return case_id, world.task(case_id, "handle").id

    return site.run(walk)


def test_it_keeps_a_draft_until_the_form_is_sent(site: Site) -> None:
    _case_id, task_id = signed_task(site)
    leader: Browser = site.browser("grid_leader")
    draft = {**ACCEPT, "check_note": "写到一半"}
    assert leader.post(f"/tasks/{task_id}/draft", draft).status_code == 303
    page = leader.get(f"/tasks/{task_id}", follow_redirects=True)
    assert "写到一半" in page.text and "草稿保存于" in plain(page)

    assert leader.post(f"/tasks/{task_id}/complete", ACCEPT).status_code == 303
    with site.app.app_context(), reading() as db:
        from engine.models import FormDraft

        assert db.scalars(select(FormDraft)).all() == []
