"""Co-handling in the browser: ask units to help, answer for one's unit, take a request back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine import org
from engine.models import Participation, Unit, User
from engine.storage.db import reading
from tests.engine.casework.moves.claims import assert_whole
from tests.engine.casework.world import HANDLE, World
from tests.webapp.site import Browser, Site, hidden, plain
from tests.webapp.test_case_page import at_handling

WATER, TOWN = "620725-SWJ", "T1"
ASKED = {"units": [WATER], "question": "请查供水管线", "limit": "2", "limit_unit": "working_days"}


def ask(site: Site, task_id: int, *, by: str = "handler", **changed: object) -> TestResponse:
    return site.browser(by).post(f"/tasks/{task_id}/help", {**ASKED, **changed})


def asked(site: Site) -> tuple[int, int]:
    """A case whose handlers have asked the water bureau."""
    case_id, task_id = at_handling(site)
    assert ask(site, task_id).status_code == 303
    return case_id, task_id


def rows(site: Site) -> list[Participation]:
    with site.app.app_context(), reading() as db:
        return list(db.scalars(select(Participation).order_by(Participation.id)))


def answer(browser: Browser, task_id: int, number: object, words: str) -> TestResponse:
    return browser.post(f"/tasks/{task_id}/help/answer", {"request": number, "answer": words})


def test_it_asks_a_unit_from_the_menu_of_the_case(site: Site) -> None:
    case_id, task_id = at_handling(site)
    handler = site.browser("handler")
    address = f"/tasks/{task_id}/help"
    assert address in handler.get(f"/cases/{case_id}/moves?task={task_id}").text
    page = handler.get(address)
    assert f'value="{WATER}"' in page.text
    assert 'value="620725-ZJJ"' not in page.text, "nobody asks one's own unit"

    done = handler.post(address, ASKED, follow_redirects=True)
    for words in ("已请 1 个单位协办", "请查供水管线", "等待答复", "收回"):
        assert words in plain(done), words
    assert "提交协办意见" not in plain(done)


def test_it_shows_a_unit_what_it_is_asked_and_takes_its_answer(site: Site) -> None:
    case_id, task_id = asked(site)
    water = site.browser("water_handler")
    queue = water.get("/?queue=help")
    assert re.search(
        r'queue=help" aria-current="page"[^>]*>协办 <span class="count ">1<', queue.text
    )
    assert f"/cases/{case_id}?task={task_id}" in queue.text and "水务局" in plain(queue)
    assert "协办 1" in plain(water.get("/workbench/tabs"))

    card = water.get(f"/cases/{case_id}?task={task_id}")
    assert "请查供水管线" in plain(card) and "11月24日" in plain(card)
    assert f"/tasks/{task_id}/help/withdraw" not in card.text
    assert answer(water, task_id, hidden(card, "request"), "管线无损").status_code == 303
    assert "协办 0" in plain(water.get("/workbench/tabs"))
    assert "暂无待本单位答复的协办请求" in plain(water.get("/?queue=help"))

    told = plain(site.browser("handler").get(f"/cases/{case_id}"))
    assert "管线无损" in told and "已答复 员工water_handler" in told
    site.run(lambda _world: assert_whole())


def test_it_keeps_the_answer_on_the_page_after_the_step(site: Site) -> None:
    case_id, task_id = asked(site)
    answer(site.browser("water_handler"), task_id, rows(site)[0].id, "管线无损")
    site.run(lambda world: world.complete("handler", case_id, HANDLE, "handle"))
    page = plain(site.browser("handler").get(f"/cases/{case_id}"))
    assert "请查供水管线" in page and "管线无损" in page


def test_it_asks_several_units_all_or_none(site: Site) -> None:
    _case_id, task_id = at_handling(site)
    refused = ask(site, task_id, units=[WATER, TOWN])
    assert refused.status_code == 422 and "没有可以协办的岗位" in plain(refused)
    assert f'value="{WATER}" checked' in refused.text and "请查供水管线" in refused.text
    assert rows(site) == []
    assert "协办 0" in plain(site.browser("water_handler").get("/workbench/tabs"))


def test_it_asks_several_units_with_one_form(site: Site) -> None:
    def staff(world: World) -> None:
        with world.do() as db:
            town = db.scalars(select(Unit).where(Unit.code == TOWN)).one()
            user = db.get_one(User, world.logins["sibling"])
            org.create_post(db, None, unit=town, role="handler", user=user, now=world.now)

    site.run(staff)
    case_id, task_id = at_handling(site)
    assert ask(site, task_id, units=[WATER, TOWN]).status_code == 303
    first, second = rows(site)
    answer(site.browser("sibling"), task_id, second.id, "镇里没有管线")
    page = plain(site.browser("handler").get(f"/cases/{case_id}"))
    assert page.count("请查供水管线") == 2 and page.count("镇里没有管线") == 1
    assert page.index("等待答复") < page.index("镇里没有管线") and first.unit_id != second.unit_id
    assert "协办 1" in plain(site.browser("water_handler").get("/workbench/tabs"))
    kinds = site.run(lambda world: world.kinds(case_id))
    assert kinds.count("help.asked") == 2
    site.run(lambda _world: assert_whole())


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"units": []}, "请至少选择一个协办单位"),
        ({"units": ["no-such"]}, "请选择本县内的其他单位"),
        ({"units": ["\0"]}, "请选择本县内的其他单位"),
        ({"units": ["620725-ZJJ"]}, "请选择本县内的其他单位"),
        ({"question": " \n"}, "请填写需要协办的事项"),
        ({"limit": "0"}, "1 到 99"),
        ({"limit": "9" * 30}, "1 到 99"),
        ({"limit": "²"}, "1 到 99"),
        ({"limit_unit": "centuries"}, "1 到 99"),
    ],
)
def test_it_says_what_is_wrong_with_a_request(
    site: Site, changed: dict[str, Any], words: str
) -> None:
    _case_id, task_id = at_handling(site)
    refused = ask(site, task_id, **changed)
    assert refused.status_code == 422 and words in plain(refused)
    assert rows(site) == []


def test_it_refuses_a_second_click_in_words(site: Site) -> None:
    case_id, task_id = asked(site)
    again = ask(site, task_id)
    assert again.status_code == 409 and "水务局：该单位正在协办" in plain(again)
    water, number = site.browser("water_handler"), rows(site)[0].id
    empty = answer(water, task_id, number, "  ")
    assert empty.status_code == 422 and "请填写协办意见" in plain(empty)
    assert answer(water, task_id, number, "管线无损").status_code == 303
    late = answer(water, task_id, number, "又查了一遍")
    assert late.status_code == 409
    assert "这项协办已经结束" in plain(late) and "又查了一遍" in plain(late)
    assert "又查了一遍" not in plain(water.get(f"/cases/{case_id}"))


def test_it_takes_a_request_back_once(site: Site) -> None:
    case_id, task_id = asked(site)
    handler, number = site.browser("handler"), rows(site)[0].id
    path = f"/tasks/{task_id}/help/withdraw"
    done = handler.post(path, {"request": number}, follow_redirects=True)
    assert "已收回协办请求" in plain(done) and "已收回 员工handler" in plain(done)
    again = handler.post(path, {"request": number})
    assert again.status_code == 409 and "这项协办已经结束" in plain(again)
    water = site.browser("water_handler")
    assert "提交协办意见" not in plain(water.get(f"/cases/{case_id}"))
    assert answer(water, task_id, number, "管线无损").status_code == 409


def test_it_lets_nobody_else_ask_answer_or_withdraw(site: Site) -> None:
    _case_id, task_id = asked(site)
    number = rows(site)[0].id
    dispatcher = site.browser("dispatcher")
    assert dispatcher.get(f"/tasks/{task_id}/help").status_code == 403
    assert ask(site, task_id, by="dispatcher").status_code == 403
    assert answer(dispatcher, task_id, number, "代答").status_code == 403
    for login in ("dispatcher", "water_handler"):
        path = f"/tasks/{task_id}/help/withdraw"
        assert site.browser(login).post(path, {"request": number}).status_code == 403
    for wrong in ("", "x", "²", "9" * 40, "404"):
        assert answer(dispatcher, task_id, wrong, "代答").status_code == 404, wrong
    assert rows(site)[0].done_at is None


def test_it_shows_a_late_unit_in_red(site: Site) -> None:
    case_id, _task_id = asked(site)
    site.world.now += timedelta(days=5)
    site.browsers.clear()
    queue = site.browser("water_handler").get("/?queue=help")
    assert "lamp-red" in queue.text
    card = site.browser("handler").get(f"/cases/{case_id}").text
    assert "lamp-red" in card[card.index('id="helps-title"') : card.index("/help/withdraw")]


def test_it_speaks_english_and_escapes_what_people_write(site: Site) -> None:
    evil = "<script>alert(1)</script>"
    case_id, task_id = at_handling(site)
    handler = site.browser("handler")
    handler.post("/language", {"locale": "en"})
    assert "Request assistance with" in plain(handler.get(f"/tasks/{task_id}/help"))
    ask(site, task_id, question=evil)
    page = handler.get(f"/cases/{case_id}")
    assert "<script>alert" not in page.text and "Waiting for an answer" in plain(page)
    assert "is helping already" in plain(ask(site, task_id))
