"""A county leader's Monday: figures, the map, the process, each one click from its cases."""

from __future__ import annotations

import pytest

from tests.browser.desk import PHONE, Desk
from tests.engine.casework.world import ACCEPT, World
from tests.webapp.test_map_page import drawn

pytestmark = pytest.mark.browser
STREET = "路灯不亮"


def prepared(world: World) -> None:
    """Areas, and three tickets, one of them accepted."""
    drawn(world)
    ids = [world.open(summary=f"{STREET} {number}") for number in range(3)]
    world.complete("grid_leader", ids[0], ACCEPT)


def test_it_leads_from_figures_to_map_and_process(desk: Desk) -> None:
    desk.live.run(prepared, days_ago=8)
    desk.live.work()
    leader = desk.person("county_leader")
    leader.press("统计")
    leader.reads("与上期、去年同期相比")
    leader.page.get_by_role("link", name="地图", exact=True).click()
    leader.page.wait_for_selector("[data-map][data-ready]")
    leader.page.wait_for_selector(".map-mark-late")
    leader.look("map")
    leader.page.locator(".map-mark-late").first.click()
    leader.page.get_by_role("link", name="打开这些事项").click()
    leader.reads(STREET)
    leader.page.go_back()

    leader.go("/reports/process?process=ticket&period=year")
    leader.page.wait_for_selector("[data-heat][data-ready]")
    leader.look("process")
    leader.page.locator(".step-heat-late").first.click()
    leader.reads(STREET)

    phone = desk.person("county_leader", **PHONE)
    for path, ready in (("/reports/map", "[data-map]"), ("/reports/process", "[data-heat]")):
        phone.go(path)
        phone.page.wait_for_selector(f"{ready}[data-ready]")
        phone.look(path.rpartition("/")[2])
