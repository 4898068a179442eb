"""Comments and internal notes on a case's page: said, kept inside, and told to who is named."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from engine.models import User
from engine.storage.db import transaction
from tests.webapp.site import Browser, Site, plain
from tests.webapp.test_case_page import at_handling


@pytest.fixture
def address(site: Site) -> str:
    """The remarks of a ticket that waits for the housing bureau."""
    case_id, _task_id = at_handling(site)
    return f"/cases/{case_id}/remarks"


def unit_option(browser: Browser, address: str) -> str:
    """The value that makes a remark an internal note of the person's own unit."""
    found = re.search(r'name="internal_to" value="(\d+)"', browser.get(address).text)
    assert found is not None
    return found[1]


def test_it_shows_what_was_said_and_how_much_on_every_tab(site: Site, address: str) -> None:
    handler, worker = site.browser("handler"), site.browser("worker")
    assert "暂无留言" in plain(handler.get(address))
    assert handler.post(address, {"text": "灯具<b>已</b>订购\n明天到"}).status_code == 303

    page = worker.get(address)
    assert "灯具&lt;b&gt;已&lt;/b&gt;订购\n明天到" in page.text and "员工handler" in plain(page)
    assert "留言 1" in plain(worker.get(address.removesuffix("/remarks")))
    assert "员工handler 留言" in plain(worker.get(address.replace("remarks", "story")))


def test_it_keeps_an_internal_note_from_everybody_else(site: Site, address: str) -> None:
    handler = site.browser("handler")
    note = {"text": "住户态度激动", "internal_to": unit_option(handler, address)}
    assert handler.post(address, note).status_code == 303

    assert "内部备注 · 住房和城乡建设局" in plain(site.browser("colleague").get(address))
    for login in ("worker", "county_leader"):
        page = plain(site.browser(login).get(address))
        assert "住户态度激动" not in page and "留言 1" not in page
    other = site.browser("worker").post(address, note)
    assert other.status_code == 422 and "您在该单位没有岗位" in plain(other)


def test_it_tells_who_is_named_and_leads_them_to_the_words(site: Site, address: str) -> None:
    handler, colleague = site.browser("handler"), site.browser("colleague")
    assert handler.post(address, {"text": "@员工colleague 请看 @员工sibling"}).status_code == 303
    page = handler.get(address)
    assert "已发送，并通知 员工colleague。" in plain(page)
    assert '<mark class="mention">@员工colleague</mark> 请看 @员工sibling' in page.text

    site.run(lambda world: world.work(world.now))
    notices = colleague.get("/notices")
    assert "留言中提到您" in plain(notices)
    link = re.search(r'href="(/notices/\d+)"', notices.text)
    assert link is not None
    assert colleague.get(link[1]).headers["Location"] == f"{address}#newest"
    assert "提到您" not in plain(site.browser("sibling").get("/notices"))


def test_it_loses_nothing_of_what_cannot_be_posted(site: Site, address: str) -> None:
    """Namesakes, the second click, nothing at all: refused in words, beside what was written."""
    handler = site.browser("handler")
    with site.app.app_context(), transaction() as db:
        named = User.login.in_(("colleague", "worker"))
        db.execute(update(User).where(named).values(name="张三"))

    shared = handler.post(address, {"text": "@张三 请看"})
    assert shared.status_code == 422
    assert "请写明是哪一位：@张三（住房和城乡建设局）" in plain(shared)
    assert ">@张三 请看</textarea>" in shared.text
    assert handler.post(address, {"text": " "}).status_code == 422
    assert handler.post(address, {"text": "已联系"}).status_code == 303
    again = handler.post(address, {"text": "已联系"})
    assert again.status_code == 409 and ">已联系</textarea>" in again.text
