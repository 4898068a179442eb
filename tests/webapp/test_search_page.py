"""The box at the top finds cases, places and, for who may read them, people's numbers."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from sqlalchemy import update

from engine.models import Case
from engine.reading import gazetteer
from engine.storage.db import reading, transaction
from tests.engine.casework.world import REPORT
from tests.webapp.site import Site

PHONE = REPORT["reporter_phone"]


def found(site: Site, login: str, words: str, more: str = "") -> str:
    answer = site.browser(login).get(f"/cases?q={quote(words)}{more}")
    assert answer.status_code == 200
    return answer.text


def test_it_finds_by_telephone_for_who_may_read_it_there(site: Site) -> None:
    """Not for whoever only oversees: what a guess finds would confirm the guess."""
    case_id = site.open(summary="路灯不亮")
    for typed in (PHONE, f"+86 {PHONE[:3]}-{PHONE[3:7]}-{PHONE[7:]}"):
        assert "路灯不亮" in found(site, "worker", typed)
        assert "路灯不亮" not in found(site, "county_supervisor", typed)
        assert "路灯不亮" not in found(site, "sibling", typed)
    assert "路灯不亮" not in found(site, "worker", "13893612346")

    with site.app.app_context(), transaction() as db:
        db.execute(update(Case).where(Case.id == case_id).values(guarded=True))
    assert "路灯不亮" not in found(site, "worker", PHONE)


def test_it_offers_places_and_narrows_by_them(site: Site) -> None:
    site.open(summary="路灯不亮")
    page = found(site, "worker", "南湖")
    assert 'href="/cases?area=V1"' in page
    assert 'href="/cases?area=V1"' in found(site, "worker", "nanhu")
    assert "路灯不亮" in found(site, "worker", "", "&area=V1")
    assert "路灯不亮" not in found(site, "worker", "", "&area=V3")


@pytest.mark.parametrize(
    ("more", "there"),
    [
        ("&category=住房物业&channel=巡查发现", True),
        ("&category=没有", False),
        ("&from=2026-11-20&to=2026-11-20", True),
        ("&from=2026-11-21", False),
        ("&stand=closed", False),
    ],
)
def test_it_narrows_what_the_words_find(site: Site, more: str, there: bool) -> None:
    site.open(summary="路灯不亮")
    for words in ("路灯", ""):
        assert ("路灯不亮</a>" in found(site, "worker", words, more)) is there
    filters = site.browser("worker").get(f"/workbench/filters?of_cases=1&q=x{more}")
    assert 'action="/cases"' in filters.text and 'name="q" value="x"' in filters.text


def test_an_administrator_says_which_words_mean_the_same(site: Site) -> None:
    site.open(summary="三号楼电梯不动")
    assert site.browser("worker").get("/admin/synonyms").status_code == 404
    assert "电梯不动" not in found(site, "worker", "直梯")
    from tests.webapp.test_statements import appoint

    appoint(site, "county_leader", "admin")
    admin = site.fresh("county_leader")
    assert "供暖" in admin.get("/admin/synonyms").text
    answer = admin.post("/admin/synonyms", {"groups": "电梯 直梯\n一个\n"})
    assert answer.status_code == 303
    assert "电梯不动" in found(site, "worker", "直梯")


@pytest.mark.parametrize(
    ("typed", "fits"),
    [
        ("南湖社区", True),
        ("南湖", True),
        ("湖社", True),
        ("nanhu", True),
        ("nhsq", True),
        ("nanhushequ", True),
        ("nanhushquu", False),
        ("nanhusheq", True),
        ("南胡社区", True),
        ("北湖", False),
        ("hu", False),
        ("620725101001", True),
    ],
)
def test_a_name_is_known_by_its_parts_and_sounds(typed: str, fits: bool) -> None:
    assert bool(gazetteer.fits(typed, "南湖社区", "620725101001")) is fits
    assert gazetteer.fits("南湖社区", "南湖社区") > gazetteer.fits("南湖", "南湖社区二网格")


def test_it_knows_the_places_of_ones_own_county_alone(site: Site) -> None:
    with site.app.app_context(), reading() as db:
        actor = site.world.actor(db, "worker")
        assert [one.code for one in gazetteer.places(db, actor, "南湖")][:1] == ["V1"]
        assert gazetteer.places(db, actor, "南") == [] == gazetteer.places(db, actor, "2026")


@pytest.mark.parametrize("words", ["9" * 40, "水" * 12, "99 99 99 99"])
def test_the_same_character_over_and_over_finds_nothing_and_breaks_nothing(
    site: Site, words: str
) -> None:
    site.open(summary="路灯不亮")
    assert "路灯不亮" not in found(site, "county_leader", words)


def test_a_number_that_no_column_holds_is_none(site: Site) -> None:
    case_id, browser = site.open(summary="路灯不亮"), site.browser("county_leader")
    huge = "9" * 40
    assert browser.get(f"/cases/{case_id}?task={huge}").status_code == 200
    for path in ("story", "clocks"):
        assert browser.get(f"/cases/{case_id}/{path}?before={huge}").status_code == 200
    posted = browser.post(
        f"/cases/{case_id}/here", {"page": "abc", "seen": huge, "task": f"-{huge}"}
    )
    assert posted.status_code in (200, 204)
    days = browser.post("/profile/security/tokens", {"name": "表", "days": "9" * 18})
    assert days.status_code == 422
