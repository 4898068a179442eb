"""A supervisor's morning: a board that changes by itself, figures that lead to their cases."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from tests.browser.desk import PHONE, Desk

LATE = "楼道灯坏了没人管"


@pytest.mark.parametrize("login", ["county_supervisor", "town_supervisor"])
def test_it_shows_what_the_worker_fires_without_a_reload(desk: Desk, login: str) -> None:
    """The same at both levels: the ladder appears while one looks at the board."""
    desk.live.run(lambda world: world.open(summary=LATE), ago=timedelta(days=12))
    supervisor = desk.person(login)
    supervisor.go("/supervision")
    supervisor.reads(LATE)
    assert supervisor.page.locator(".rung-fired").count() == 0
    supervisor.page.evaluate("window.stayed = true")

    desk.live.work()
    supervisor.page.locator(".rung-fired").first.wait_for()
    assert supervisor.page.evaluate("window.stayed") is True
    supervisor.look(f"board-{login}")
    # Colour is never the only signal: the lamp has its word, the counts in the tree theirs.
    assert supervisor.page.locator(".board-row .lamp").first.inner_text() == "已超期"
    assert "已超期" in supervisor.page.locator(".board-tree .light-red").first.inner_text()

    supervisor.press("催办")
    supervisor.reads("已催办")
    supervisor.reads("已做：")


def test_it_is_the_same_board_on_a_phone(desk: Desk) -> None:
    desk.live.run(lambda world: world.open(summary=LATE), ago=timedelta(days=12))
    desk.live.work()
    supervisor = desk.person("county_supervisor", **PHONE)
    supervisor.go("/supervision")
    supervisor.reads(LATE)
    supervisor.fits()
    supervisor.look("board-phone")
    supervisor.go("/reports?period=year")
    supervisor.fits()
    supervisor.look("figures-phone")


def test_it_leads_from_a_number_to_its_cases_and_into_a_workbook(desk: Desk) -> None:
    for number in range(3):
        desk.live.run(
            lambda world, one=number: world.open(summary=f"路面破损 {one}"), ago=timedelta(days=1)
        )
    leader = desk.person("county_leader")
    leader.go("/reports?period=year")
    leader.page.locator(".trend canvas").wait_for()
    leader.look("figures")
    leader.page.locator("tfoot a").first.click()
    leader.page.wait_for_url("**/reports/cases*")
    assert leader.page.locator("a.row-link").count() == 3
    leader.look("figures-cases")
    leader.press("返回统计")

    with leader.page.expect_download() as waiting:
        leader.page.get_by_role("link", name="导出 Excel").click()
    book = load_workbook(io.BytesIO(waiting.value.path().read_bytes()))
    sheet = book["按单位"]
    assert [cell.value for cell in sheet[sheet.max_row]][:2] == ["合计", 3]
