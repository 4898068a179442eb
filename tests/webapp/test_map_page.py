"""The map in the browser: marks and parts lead to their cases, strangers see nothing."""

from __future__ import annotations

import html
import re

import pytest
import shapely

from engine import org
from engine.geo import boundaries, invented
from engine.geo.boundaries import PublishingTerms
from engine.storage.db import transaction
from tests.engine.casework.world import World
from tests.webapp.site import Site, plain

ROW = re.compile(r'class="row-link" href="/cases/(\d+)')
PART = re.compile(r'<td class="end"><a href="(/reports/map/cases\?[^"]+)">(\d+)</a>')


def drawn(world: World) -> None:
    with transaction() as db:
        county = org.unit_by_code(db, "620725")
        assert county is not None
        areas = invented.areas(db, county, shapely.box(100.7, 37.9, 101.7, 39.1))
        boundaries.publish(db, areas, PublishingTerms("test", invented=True), now=world.now)


@pytest.fixture
def busy(site: Site) -> Site:
    """Three tickets in a county with areas."""
    for number in range(3):
        site.open(summary=f"路灯不亮 {number}")
    site.run(drawn)
    return site


def test_it_leads_from_marks_and_parts_to_their_cases(busy: Site) -> None:
    browser = busy.browser("county_leader")
    page = browser.get("/reports/map")
    assert page.status_code == 200 and "本县边界为虚构" in plain(page)
    parts = {html.unescape(path): int(number) for path, number in PART.findall(page.text)}
    assert list(parts.values()) == [3]
    for path, number in parts.items():
        assert len(ROW.findall(browser.get(path).text)) == number
    for zoom in (6, 12, 17):
        marks = browser.get(f"/reports/map/marks?zoom={zoom}&box=100,37,102,40").json
        assert sum(mark["count"] for mark in marks) == 3
        for mark in marks:
            assert len(ROW.findall(browser.get(mark["href"]).text)) == mark["count"]
    outlines = browser.get("/reports/map/areas").json
    assert outlines["whole"]["features"] and outlines["parts"]["features"]
    # An English page, other colours, other classes.
    for query in ("by=per_thousand", "by=answers&classes=equal", "by=late&state=late", "first=x"):
        assert browser.get(f"/reports/map?{query}").status_code == 200


def test_it_shows_an_area_to_who_oversees_it(busy: Site) -> None:
    for path in ("/reports/map", "/reports/map/marks?zoom=9", "/reports/map/areas"):
        assert busy.browser("handler").get(path).status_code in (403, 404)
        assert busy.browser("town_leader").get(path).status_code == 200
    leader = busy.browser("county_leader")
    for query in ("", "place=1", "zoom=99&column=0&row=0", "zoom=9&column=0", "zoom=9&row=x"):
        assert leader.get(f"/reports/map/cases?{query}").status_code == 404, query
    assert leader.get("/reports/map/marks?zoom=9&box=1,2,3").status_code == 200
