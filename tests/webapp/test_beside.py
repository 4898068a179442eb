"""Beside an opening form: the caller's earlier cases, likely duplicates; what folds away."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from engine.hotline import likely_duplicates
from engine.hotline.likely_duplicates import DuplicateCandidate
from engine.models import Case, CaseLink
from engine.reading import folding
from engine.storage.db import reading, transaction
from tests.webapp.site import Browser, Site, plain
from tests.webapp.test_relations import CALL, with_people

PHONE = "13809361111"
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
NAMED = {
    **CALL,
    "request_kind": "求助",
    "identity": "实名公开",
    "summary": "南湖小区三号楼暖气不热",
    "details": "从上周起三号楼暖气一直不热，物业说管网压力不够。",
    "caller_phone": PHONE,
    "topic": "住房建设",
}


@pytest.fixture
def operator(site: Site) -> Browser:
    site.run(with_people)
    return site.browser("operator")


def register(operator: Browser, **answers: Any) -> int:
    """Send the form; return the case."""
    sent = operator.post("/cases/new/hotline", {**NAMED, **answers})
    assert sent.status_code == 303, plain(sent)
    return int(sent.headers["Location"].rsplit("/", 1)[1])


def beside(operator: Browser, **typed: str) -> str:
    answer = operator.post("/cases/new/hotline/beside", typed)
    assert answer.status_code == 200
    return plain(answer)


def number_of(site: Site, case_id: int) -> str:
    with site.app.app_context(), reading() as db:
        return db.get_one(Case, case_id).number


def test_it_tells_what_there_is_to_say_to_a_caller_who_called_before(
    site: Site, operator: Browser
) -> None:
    number = number_of(site, register(operator))
    told = beside(operator, caller_phone="138-0936-1111")
    assert number in told
    assert "您 11月20日 反映的“南湖小区三号楼暖气不热”正由" in told and "答复您" in told
    assert "没有以往事项" in beside(operator, caller_phone="13809361112")
    # Half a number is nobody's.
    assert number not in beside(operator, caller_phone=PHONE[:8])


def test_it_tells_nothing_of_a_confidential_case(site: Site, operator: Browser) -> None:
    """Neither by the number of who called nor by the same words."""
    number = number_of(site, register(operator, **CALL | {"caller_phone": PHONE}))
    told = beside(operator, caller_phone=PHONE, summary=CALL["summary"], details=CALL["details"])
    assert number not in told and CALL["summary"] not in told


def test_it_offers_what_may_be_the_same_matter_to_who_may_see_it(
    site: Site, operator: Browser
) -> None:
    number = number_of(site, register(operator))
    same = {"details": "三号楼暖气不热好几天了，南湖小区没人管", "place": "V1"}
    assert number in beside(operator, **same)
    assert number not in beside(operator, details="门口路灯不亮，晚上看不见路", place="V1")
    assert number not in beside(operator, details="暖气", place="V1")
    for stranger in ("town_leader", "sibling"):
        assert site.browser(stranger).post("/cases/new/hotline/beside", same).status_code == 403


def test_a_call_about_the_same_matter_is_merged_into_it_and_both_say_so(
    site: Site, operator: Browser
) -> None:
    """With its own caller and its own clocks; a number of nobody's, or unseen, is refused."""
    first = register(operator)
    second = register(operator, joins=number_of(site, first), caller_phone="13809362222")
    with site.app.app_context(), reading() as db:
        link = db.scalars(select(CaseLink)).one()
        assert (link.case_id, link.other_id, link.kind) == (second, first, "merged")
    assert "并入的" in plain(operator.get(f"/cases/{first}"))

    site.open(summary="别处的事")
    with site.app.app_context(), transaction() as db:
        unseen = db.scalars(select(Case).where(Case.title == "别处的事")).one()
        hidden = unseen.number
    for number in ("没有", hidden):
        refused = operator.post("/cases/new/hotline", {**NAMED, "joins": number})
        assert refused.status_code == 422 and "没有这个编号的事项" in plain(refused)
    with site.app.app_context(), reading() as db:
        assert len(db.scalars(select(CaseLink)).all()) == 1


def test_begun_forms_are_tabs_and_nothing_of_one_is_in_another(operator: Browser) -> None:
    once = "0" * 32
    typed = {"once": once, "summary": "第一个来电", "caller_phone": PHONE}
    assert operator.post("/cases/new/hotline/draft", typed).status_code == 303
    page = operator.get("/cases/new/hotline").text
    assert f"draft={once}" in page and "第一个来电" in page and PHONE not in page
    assert "第一个来电" in operator.get(f"/cases/new/hotline?draft={once}").text


def test_it_folds_what_is_asked_only_where_it_is_needed(operator: Browser) -> None:
    """Closed while it says nothing; open with whatever was said, or is wrong."""

    def closed(page: str) -> list[bool]:
        found = re.findall(r'<details class="form-group-box form-group-folded"( open)?>', page)
        return [not one for one in found]

    assert closed(operator.get("/cases/new/hotline").text) == [True, True]
    sent = {**NAMED, "place": "", "earlier_number": "x"}
    assert closed(operator.post("/cases/new/hotline", sent).text) == [True, False]
    sent = {**NAMED, "answered_now": "yes"}
    assert closed(operator.post("/cases/new/hotline", sent).text) == [False, True]


def candidate(number: int, title: str, place: int = 1) -> DuplicateCandidate:
    return DuplicateCandidate(number, str(number), title, "", MONDAY, place, False)


def test_rare_words_say_more_than_those_that_every_call_has() -> None:
    titles = ["南湖小区暖气不热", "南湖小区路灯不亮", "南湖小区下水堵塞", "南湖小区电梯停运"]
    known = [candidate(number, title) for number, title in enumerate(titles)]
    typed = folding.fold("南湖小区三号楼电梯又停运了，老人下不了楼")
    ranked = likely_duplicates.rank(typed, known, 1, ())
    assert ranked[0].case.title == "南湖小区电梯停运" and ranked[0].worth >= likely_duplicates.LEAST
    assert all(one.worth < likely_duplicates.LEAST for one in ranked[1:])
    # Elsewhere it is another lift; of the same caller it is the same.
    apart = likely_duplicates.rank(typed, known, 2, ())[0].worth
    assert apart < ranked[0].worth < likely_duplicates.rank(typed, known, 1, (3,))[0].worth
