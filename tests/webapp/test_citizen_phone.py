"""My matters by telephone: the same page for every number, the list only after the code."""

from __future__ import annotations

import re
from typing import Any

from engine.citizens import attempts, patience, phones
from tests.webapp.site import Browser, Site
from tests.webapp.test_citizens import HOME, MINE, TYPED, open_site, send, token_in

__all__ = ["open_site"]
PHONE = TYPED["phone"]
CODE = re.compile(r"验证码：(\d{6})")


def ask(browser: Browser, phone: str = PHONE, **typed: Any) -> Any:
    page = browser.get(MINE).text
    return browser.post(f"{MINE}/phone", {"phone": phone, **typed}, token=token_in(page))


def confirm(browser: Browser, page: Any) -> Any:
    found = CODE.search(page.text)
    assert found is not None, page.text
    return browser.post(f"{MINE}/code", {"code": found[1]}, token=token_in(page.text))


def test_a_confirmed_telephone_lists_and_opens_its_matters(open_site: Site) -> None:
    send(open_site.browser())
    owner = open_site.browser()
    assert confirm(owner, ask(owner)).headers["Location"].endswith("/mine/matters")
    page = owner.get(f"{MINE}/matters").text
    assert "道路设施：北街路口井盖破损" in page and "您反映的问题正在核实。" in page
    case_id = re.search(r'name="case" value="(\d+)"', page)
    assert case_id is not None
    opened = owner.post(f"{MINE}/matters", {"case": case_id[1]}, token=token_in(page))
    assert opened.status_code == 303
    assert "南湖村" in owner.get(f"{MINE}/matter").text
    # Nobody else's, by whatever number of a case.
    stranger = open_site.browser()
    confirm(stranger, ask(stranger, "13877700777"))
    page = stranger.get(f"{MINE}/matters").text
    assert "没有可以显示的事项" in page
    answer = stranger.post(f"{MINE}/matters", {"case": case_id[1]}, token=token_in(page))
    assert answer.status_code == 404
    page = owner.get(f"{MINE}/matters").text
    owner.post(f"{MINE}/leave", token=token_in(page))
    assert owner.get(f"{MINE}/matters").status_code == 303


def test_every_number_gets_the_same_answer(open_site: Site) -> None:
    send(open_site.browser())

    def told(phone: str) -> tuple[int, str]:
        page = ask(open_site.browser(), phone)
        return page.status_code, re.sub(r'value="[^"]*"|验证码：\d+', "", page.text)

    assert told(PHONE) == told("13877700777")
    assert ask(open_site.browser(), "123").status_code == 422


def test_both_numbers_cost_the_same_statements(open_site: Site) -> None:
    send(open_site.browser())
    counts = []
    for phone in (PHONE, "13877700777"):
        browser = open_site.browser()
        page = browser.get(MINE).text
        with open_site.statements() as seen:
            browser.post(f"{MINE}/phone", {"phone": phone}, token=token_in(page))
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_without_the_code_nothing_opens(open_site: Site) -> None:
    send(open_site.browser())
    stranger = open_site.browser()
    page = ask(stranger)
    wrong = stranger.post(f"{MINE}/code", {"code": "12345"}, token=token_in(page.text))
    assert wrong.status_code == 422 and "验证码不正确" in wrong.text
    assert stranger.get(f"{MINE}/matters").status_code == 303
    # Another device's code is worth nothing here.
    other = open_site.browser()
    token = token_in(other.get(MINE).text)
    found = CODE.search(page.text)
    assert found is not None
    assert other.post(f"{MINE}/code", {"code": found[1]}, token=token).status_code == 303
    assert other.get(f"{MINE}/matters").status_code == 303


def test_it_closes_by_itself(open_site: Site) -> None:
    owner = open_site.browser()
    confirm(owner, ask(owner))
    assert owner.get(f"{MINE}/matters").status_code == 200
    open_site.world.now += attempts.HOUR
    assert owner.get(f"{MINE}/matters").status_code == 303
    assert phones.LIFETIME < attempts.HOUR


def test_who_has_no_script_waits_instead(open_site: Site) -> None:
    stranger = open_site.browser()
    for _ in range(3):
        assert ask(stranger).status_code == 200
    page = ask(stranger)
    assert page.status_code == 429 and "请等三分钟" in page.text
    note = re.search(r'name="patience" value="([^"]+)"', page.text)
    assert note is not None
    early = ask(stranger, patience=note[1])
    # Pressed too early, the same note goes on.
    assert early.status_code == 429 and note[1] in early.text
    open_site.world.now += patience.WAIT
    assert ask(stranger, patience=note[1]).status_code == 200


def test_a_report_is_slowed_by_waiting_too(open_site: Site) -> None:
    stranger = open_site.browser()
    for _ in range(5):
        assert send(stranger, phone="").status_code == 200
    page = send(stranger, phone="")
    assert page.status_code == 429 and HOME in page.text
    note = re.search(r'name="patience" value="([^"]+)"', page.text)
    assert note is not None
    open_site.world.now += patience.WAIT
    assert send(stranger, phone="", patience=note[1]).status_code == 200
