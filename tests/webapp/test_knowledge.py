"""The knowledge base: found, proposed, confirmed by a second person, counted, and what it lacks."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.hotline import knowledge
from engine.models import Article, ArticleUse, ArticleVersion, KnowledgeGap, Unit
from engine.storage.db import reading, transaction
from tests.queueing import queue
from tests.webapp.site import Browser, Site, plain
from tests.webapp.test_beside import NAMED
from tests.webapp.test_relations import with_people

HEATING = {
    "title": "暖气不热怎么办",
    "words": "供热温度低",
    "answer": "先报供热公司客服，24 小时内上门测温；低于 18 度的退费。",
    "basis": "供热条例第二十条",
    "unit": "620725-ZJJ",
    "review_on": "2027-05-01",
    "public": "yes",
}


@pytest.fixture
def operator(site: Site) -> Browser:
    site.run(with_people)
    return site.browser("operator")


def write(browser: Browser, **changed: str) -> str:
    """Send an article; returns its address."""
    sent = browser.post("/knowledge/new", {**HEATING, **changed})
    assert sent.status_code == 303, plain(sent)
    return sent.headers["Location"]


def county(site: Site) -> int:
    with site.app.app_context(), reading() as db:
        return db.scalars(select(Unit.id).where(Unit.code == "620725")).one()


def public(site: Site) -> list[str]:
    with site.app.app_context(), reading() as db:
        return [one.title for one in knowledge.public(db, county(site))]


def test_it_is_confirmed_by_somebody_else_of_the_unit(site: Site, operator: Browser) -> None:
    """Not by who wrote it, nor by another unit; public and proposed only then; again after a
    change.
    """
    link = write(operator)
    assert "待单位确认" in plain(operator.get(link)) and public(site) == []
    assert operator.post(f"{link}/confirm").status_code == 403
    assert site.browser("water_handler").post(f"{link}/confirm").status_code == 403
    leader = site.browser("department_leader")
    assert "确认知识库条目" in plain(leader.get("/?queue=decide"))
    assert leader.post(f"{link}/confirm").status_code == 303
    assert public(site) == [HEATING["title"]] and "已确认" in plain(leader.get(link))

    handler = site.browser("handler")
    changed = {**HEATING, "answer": "打 12345。"}
    assert handler.post(f"{link}/edit", changed).status_code == 303
    assert public(site) == [] and "第 2 版" in plain(handler.get(link))
    handler.post(f"{link}/confirm")
    assert public(site) == []
    with site.app.app_context(), reading() as db:
        kept = db.scalars(select(ArticleVersion.answer).order_by(ArticleVersion.number)).all()
        assert kept == [HEATING["answer"], "打 12345。"]


def test_what_is_late_says_so(site: Site, operator: Browser) -> None:
    """Three working days to confirm; the day of the review passes."""
    link = write(operator)
    site.world.now += timedelta(days=7)
    assert "逾期未确认" in plain(site.fresh("operator").get(link))
    site.world.now += timedelta(days=200)
    assert "该复核" in plain(site.fresh("operator").get("/knowledge/"))


def test_bad_input_is_refused_and_nothing_is_lost(site: Site, operator: Browser) -> None:
    for wrong in ({"title": " "}, {"review_on": "2020-01-01"}, {"review_on": "x"}, {"unit": "?"}):
        refused = operator.post("/knowledge/new", {**HEATING, **wrong})
        assert refused.status_code == 422 and HEATING["answer"] in refused.text
    handler = site.browser("handler")
    refused = handler.post("/knowledge/new", {**HEATING, "unit": "620725-SWJ"})
    assert refused.status_code == 422 and "不能代其编写" in plain(refused)
    assert site.browser("worker").get("/knowledge/").status_code == 404
    with site.app.app_context(), reading() as db:
        assert db.scalars(select(Article)).all() == []


@pytest.mark.parametrize(
    "asked", ["暖气", "暖气 退费", "nuanqi", "nqbr", "供暖", "温度低", "ＮＵＡＮＱＩ", "暖氣"]
)
def test_it_is_found(operator: Browser, asked: str) -> None:
    """By words of title and text, pinyin, initials, synonyms, full width and traditional."""
    write(operator)
    assert HEATING["title"] in plain(operator.get("/knowledge/", query_string={"q": asked}))
    nothing = operator.get("/knowledge/", query_string={"q": "暖气 公交"})
    assert HEATING["title"] not in plain(nothing)


def test_it_answers_a_call_and_the_use_is_counted(site: Site, operator: Browser) -> None:
    """Proposed for what is typed once confirmed; counted with the case, once."""
    link = write(operator)
    typed = {"details": "我家暖气不热，怎么办啊", "place": "V1"}
    assert "data-fills" not in operator.post("/cases/new/hotline/beside", typed).text
    site.browser("department_leader").post(f"{link}/confirm")
    shown = operator.post("/cases/new/hotline/beside", typed).text
    number = re.findall(r'data-article="(\d+)"', shown)[0]
    assert "answer_text" in shown and "退费" in shown
    other = operator.post("/cases/new/hotline/beside", {"details": "门口公交车总是晚点半小时"})
    assert "data-fills" not in other.text
    answered = {**NAMED, "answered_now": "yes", "answer_text": "见条目。", "caller_content": "满意"}
    sent = operator.post(
        "/cases/new/hotline", {**answered, "article": [number, number, "x", "9" * 30]}
    )
    assert sent.status_code == 303, plain(sent)
    with site.app.app_context(), reading() as db:
        assert len(db.scalars(select(ArticleUse)).all()) == 1
    assert re.search(r"用于答复\s*1 次", plain(operator.get(link)))


def test_a_question_without_an_article_is_listed_until_one_is_written(
    site: Site, operator: Browser
) -> None:
    """Without numbers, which may be somebody's; asked twice it counts two."""
    for _time in range(2):
        operator.post("/knowledge/gaps", {"question": "公积金怎么提取13912345678"})
    operator.post("/knowledge/gaps", {"question": "1234"})
    page = plain(operator.get("/knowledge/gaps"))
    assert "公积金怎么提取" in page and "139" not in page
    with site.app.app_context(), reading() as db:
        gap = db.scalars(select(KnowledgeGap)).one()
        assert gap.times == 2
    assert operator.post(f"/knowledge/gaps/{gap.id}/close").status_code == 303
    assert "公积金怎么提取" not in plain(operator.get("/knowledge/gaps"))


def test_two_who_miss_the_same_at_once_are_two_times(site: Site) -> None:
    code, counted = county(site), []

    def miss() -> None:
        with site.app.app_context(), transaction() as db:
            counted.append(knowledge.miss(db, code, "暖气不热", now=site.world.now).times)

    second = threading.Thread(target=miss)
    with site.app.app_context(), queue() as until_it_waits, transaction() as db:
        counted.append(knowledge.miss(db, code, "暖气不热", now=site.world.now).times)
        second.start()
        until_it_waits()
    second.join(30)
    assert counted == [1, 2]
