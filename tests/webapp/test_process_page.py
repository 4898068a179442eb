"""The view of a process in the browser: numbers lead to their cases, strangers see nothing."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta

import pytest

from tests.engine.casework.world import ACCEPT, DISPATCH, FRIDAY_9AM, HANDLE
from tests.webapp.site import Site, plain

PAGE = "/reports/process?process=ticket&first=2026-11-01&last=2026-12-04"
LINK = re.compile(r'href="(/reports/cases\?[^"]+)">(\d+)</a>')
ROW = re.compile(r'class="row-link" href="/cases/(\d+)')
DIAGRAM = re.compile(r'data-heat="([^"]+)"')
FACTS = re.compile(r'data-facts="([^"]+)"')


@pytest.fixture
def busy(site: Site) -> list[int]:
    """Three tickets: one waits, one is dispatched, one is handled; two weeks on."""
    found = [site.open(summary=f"路灯不亮 {number}") for number in range(3)]
    site.run(lambda world: world.complete("grid_leader", found[1], ACCEPT))
    for login, answers in (("grid_leader", ACCEPT), ("dispatcher", DISPATCH), ("handler", HANDLE)):
        site.run(
            lambda world, who=login, given=answers: world.complete(who, found[2], given)  # type: ignore[misc]
        )
    site.run(lambda world: world.work(FRIDAY_9AM + timedelta(days=14)))
    return found


def test_it_leads_from_each_number_to_as_many_rows(site: Site, busy: list[int]) -> None:
    browser = site.browser("county_leader")
    page = browser.get(PAGE)
    links = {html.unescape(path): int(number) for path, number in LINK.findall(page.text)}
    assert len(links) >= 5
    for path, number in links.items():
        assert len(ROW.findall(browser.get(path).text)) == number, path
    assert "山丹县现有 3 个环节在办，超期 3 个。" in plain(page)


def test_it_tells_the_diagram_what_stands_where(site: Site, busy: list[int]) -> None:
    page = site.browser("county_leader").get(PAGE)
    found = FACTS.search(page.text)
    assert found is not None
    facts = json.loads(html.unescape(found[1]))
    accept = facts["steps"]["accept"]
    assert accept["late"] and accept["text"].startswith("1 · ")
    assert sum(facts["flows"].values()) > 6
    path = html.unescape(DIAGRAM.findall(page.text)[0])
    diagram = site.browser("county_leader").get(path)
    assert diagram.status_code == 200 and b"<bpmn:process" in diagram.data
    assert site.browser("handler").get(path).status_code in (403, 404)


def test_it_shows_an_area_to_who_oversees_it(site: Site, busy: list[int]) -> None:
    """A township's leader sees the township alone, a handler nothing; guesses find nothing."""
    town = site.browser("town_leader").get(PAGE)
    assert town.status_code == 200 and "清泉镇" in plain(town)
    assert site.browser("handler").get(PAGE).status_code in (403, 404)
    leader = site.browser("county_leader")
    assert leader.get(f"{PAGE}&version=1").status_code == 404
    for tail in ("measure=way&element=x", "measure=way", "measure=nothing"):
        assert leader.get(f"/reports/cases?{tail}").status_code == 404
    english = leader.get(PAGE, headers={"Accept-Language": "en"})
    assert english.status_code == 200
