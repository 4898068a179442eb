"""Lists longer than a page: the second page has the rest, on every list that can be long."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from engine.reading.worklists import PAGE_SIZE
from tests.engine.casework.world import World
from tests.webapp.site import Site

NEXT = re.compile(r'rel="next" href="([^"]+)"')
ROW = re.compile(r'class="row-link" href="/cases/(\d+)')


@pytest.mark.parametrize(
    ("login", "path"),
    [
        ("grid_leader", "/?queue=to_sign"),
        ("county_supervisor", "/cases"),
    ],
)
def test_it_leads_on_to_the_second_page(site: Site, login: str, path: str) -> None:
    """Each case once, none left out."""

    def fill(world: World) -> set[int]:
        opened = {world.open(summary=f"路灯不亮第 {number} 处") for number in range(PAGE_SIZE + 3)}
        world.now += timedelta(days=20)
        return opened

    opened = site.run(fill)
    browser = site.browser(login)
    first = browser.get(path)
    assert first.status_code == 200
    link = NEXT.search(first.text)
    assert link is not None
    second = browser.get(html.unescape(link[1]))
    assert second.status_code == 200

    pages = [{int(one) for one in ROW.findall(page.text)} for page in (first, second)]
    assert len(pages[0]) == PAGE_SIZE and pages[0].isdisjoint(pages[1])
    assert pages[0] | pages[1] == opened
