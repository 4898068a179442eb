"""Drafts on their way while something else happens: they change no session and outlive nothing."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine.casework import cases
from engine.models import FormDraft
from engine.records import form_drafts
from engine.storage.db import reading, transaction
from tests.engine.casework.world import ACCEPT, REPORT, World
from tests.webapp.site import Browser, Site, hidden, plain
from tests.webapp.test_lost_session import signed_task

BY_SCRIPT = {"Accept": "application/json", "Sec-Fetch-Mode": "cors"}
BY_BEACON = {"Accept": "*/*", "Sec-Fetch-Mode": "no-cors"}


def beside(browser: Browser) -> Browser:
    """The same browser as it is now: what it sent before hearing of anything that follows."""
    twin = Browser(browser.site, browser.site.app.test_client())
    cookie = browser.client.get_cookie("fengqiao")
    assert cookie is not None
    twin.client.set_cookie("fengqiao", cookie.value)
    return twin


def arrive(browser: Browser, answer: TestResponse) -> None:
    """The late answer reaches the browser: a session that it brings takes the place of its own."""
    for line in answer.headers.getlist("Set-Cookie"):
        found = re.match(r"fengqiao=([^;]*)", line)
        if found:
            browser.client.set_cookie("fengqiao", found[1])


def send_draft(browser: Browser, path: str, fields: dict[str, Any], **headers: str) -> TestResponse:
    with browser.site.at_its_time():
        return browser.client.post(
            path, data=fields, headers={"Sec-Fetch-Site": "same-origin", **headers}
        )


def drafts(site: Site) -> list[str]:
    with site.app.app_context(), reading() as db:
        return list(db.scalars(select(FormDraft.subject)))


@pytest.mark.parametrize("headers", [BY_SCRIPT, BY_BEACON], ids=["script", "beacon"])
def test_it_tells_what_came_next_though_a_draft_is_answered_later(
    site: Site, headers: dict[str, str]
) -> None:
    case_id, task_id = signed_task(site)
    leader = site.browser("grid_leader")
    token = leader.token()
    twin = beside(leader)
    draft = {**ACCEPT, "csrf_token": token}
    late = send_draft(twin, f"/tasks/{task_id}/draft", draft, **headers)
    assert late.status_code == 200
    done = leader.post(f"/tasks/{task_id}/complete", ACCEPT, token=token)
    arrive(leader, late)

    assert "已提交，后续环节：" in plain(leader.get(done.headers["Location"]))


@pytest.mark.parametrize("headers", [BY_SCRIPT, BY_BEACON], ids=["script", "beacon"])
def test_it_stays_logged_out_though_a_draft_is_answered_later(
    site: Site, headers: dict[str, str]
) -> None:
    _case_id, task_id = signed_task(site)
    leader = site.fresh("grid_leader")
    token = leader.token()
    draft = {**ACCEPT, "csrf_token": token}
    late = send_draft(beside(leader), f"/tasks/{task_id}/draft", draft, **headers)
    leader.post("/logout", token=token)
    arrive(leader, late)

    assert leader.get("/").headers["Location"].startswith("/login")


def test_it_ends_a_session_twelve_hours_after_it_began(site: Site) -> None:
    """Whatever was read meanwhile; and no page but the first sends the cookie again."""
    from datetime import timedelta

    leader = site.fresh("grid_leader")
    leader.token()
    assert "Set-Cookie" not in leader.get("/").headers
    for _ in range(2):
        site.world.now += timedelta(hours=5)
        assert leader.get("/").status_code == 200
    site.world.now += timedelta(hours=3)
    assert leader.get("/").status_code == 303


def test_it_keeps_no_draft_of_what_is_opened_already(site: Site) -> None:
    """The next case does not begin with the words, and the citizen, of the one before."""
    worker = site.browser("worker")
    once = hidden(worker.get("/cases/new/ticket"), "once")
    token = worker.token()
    assert worker.post("/cases/new/ticket", {**REPORT, "once": once}).status_code == 303
    late = {**REPORT, "once": once, "csrf_token": token}
    assert send_draft(worker, "/cases/new/ticket/draft", late, **BY_SCRIPT).status_code == 200

    assert drafts(site) == []
    assert REPORT["details"] not in worker.get("/cases/new/ticket").text


def test_it_keeps_no_draft_of_a_task_that_is_done_meanwhile(site: Site) -> None:
    """The draft waits for the completion, finds the task done and leaves nothing behind."""
    case_id, task_id = signed_task(site)

    def complete(world: World, db: Any) -> None:
        actor = world.actor(db, "grid_leader")
        cases.complete_task(db, actor, task_id, ACCEPT, now=world.now)
        form_drafts.discard(db, actor.user_id, str(task_id))

    def draft(world: World, db: Any) -> bool:
        actor = world.actor(db, "grid_leader")
        return cases.keep_draft(db, actor, task_id, {"check_note": "x"}, now=world.now)

    assert meeting(site, complete, draft) is False
    assert drafts(site) == []
    kinds = site.run(lambda world: world.kinds(case_id))
    assert "refused" not in kinds


def test_it_makes_one_draft_of_two_that_come_at_once(site: Site) -> None:
    """Two tabs save the same form for the first time."""
    user_id = site.world.logins["worker"]

    def save(_world: World, db: Any) -> None:
        form_drafts.hold(db, user_id)
        form_drafts.save(db, user_id, "ticket", {"summary": "x"}, site.world.now)

    meeting(site, save, save)
    assert drafts(site) == ["ticket"]


def meeting(site: Site, first: Any, second: Any) -> Any:
    """Run ``first``, and before it commits let ``second`` begin; what the second returned."""
    written = Event()

    def late() -> Any:
        assert written.wait(10)
        with site.app.app_context(), transaction() as db:
            return second(site.world, db)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(late)
        with site.app.app_context(), transaction() as db:
            first(site.world, db)
            db.flush()
            written.set()
            with pytest.raises(TimeoutError):
                waiting.result(0.5)
        return waiting.result(10)


def begin(browser: Browser, **typed: str) -> str:
    """Begin a ticket and let it be saved by itself; returns the form's own word."""
    once = hidden(browser.get("/cases/new/ticket"), "once")
    draft = {**typed, "once": once, "csrf_token": browser.token()}
    assert send_draft(browser, "/cases/new/ticket/draft", draft, **BY_SCRIPT).status_code == 200
    return once


def test_it_begins_every_form_without_the_words_of_another(site: Site) -> None:
    worker = site.browser("worker")
    first = begin(worker, summary="第一位来电人的路灯", details="张某，住一号楼")
    second = begin(worker, summary="第二位来电人的井盖")
    page = worker.get("/cases/new/ticket")

    assert "张某" not in page.text and hidden(page, "once") not in (first, second)
    assert "第一位来电人的路灯" in plain(page) and "第二位来电人的井盖" in plain(page)


def test_it_goes_on_with_the_draft_that_is_chosen(site: Site) -> None:
    worker = site.browser("worker")
    first = begin(worker, summary="路灯", details="张某，住一号楼")
    begin(worker, summary="井盖")
    page = worker.get(f"/cases/new/ticket?draft={first}")

    assert "张某，住一号楼" in page.text and hidden(page, "once") == first
    assert worker.post("/cases/new/ticket", {**REPORT, "once": first}).status_code == 303
    assert len(drafts(site)) == 1
    again = worker.get(f"/cases/new/ticket?draft={first}")
    assert again.headers["Location"] == "/cases/new/ticket"


def test_it_discards_a_draft_on_purpose_and_only_ones_own(site: Site) -> None:
    worker = site.browser("worker")
    once = begin(worker, summary="路灯", details="张某，住一号楼")
    grid_leader = site.browser("grid_leader")

    assert "路灯" not in plain(grid_leader.get("/cases/new/ticket"))
    assert "张某" not in grid_leader.get(f"/cases/new/ticket?draft={once}").text
    grid_leader.post("/cases/new/ticket/discard", {"draft": once})
    assert len(drafts(site)) == 1
    worker.post("/cases/new/ticket/discard", {"draft": once})
    assert drafts(site) == []
