"""A supervisor's morning: a board that changes by itself, figures that lead to their cases."""

from __future__ import annotations

import io
import re

import pytest
from openpyxl import load_workbook

from tests.browser.desk import PHONE, Desk
from tests.engine.casework.world import ACCEPT, DISPATCH, HANDLE, World
from tests.webapp.test_admin import appoint

LATE = "楼道灯坏了没人管"
# Who oversees at each level: login, and where the test gives them a post that the county has not.
LEVELS = {
    "county_supervisor": None,
    "town_supervisor": None,
    "committee_leader": ("T1-TW", "leader"),
    "village_leader": ("V1", "leader"),
    "grid_head": ("G1", "grid_leader"),
}


def late_for(desk: Desk, login: str, number: int = 1) -> None:
    """Tickets that are late where this person oversees; they get a post if the county has none."""

    def play(world: World) -> None:
        for _case in range(number):
            play_one(world)

    def play_one(world: World) -> None:
        case_id = world.open(summary=LATE)
        if login == "grid_head":
            # Of a ticket's steps only the look afterwards is the grid's own.
            for person, answers in (
                ("grid_leader", ACCEPT), ("dispatcher", DISPATCH), ("handler", HANDLE)
            ):  # fmt: skip
                world.complete(person, case_id, answers)

    desk.live.run(play, days_ago=8)
    where = LEVELS[login]
    if where is not None:
        appoint(desk.live.site, login, *where)


@pytest.mark.parametrize("login", LEVELS)
def test_it_shows_what_the_worker_fires_without_a_reload(desk: Desk, login: str) -> None:
    """The same at every level, at a desk and on a phone: the ladder appears while one looks."""
    late_for(desk, login, 2)
    at_desk, on_phone = desk.person(login), desk.person(login, **PHONE)
    for supervisor in (at_desk, on_phone):
        supervisor.press("督办")
        supervisor.reads(LATE)
        assert supervisor.page.locator(".rung-fired").count() == 0
        supervisor.page.evaluate("window.stayed = true")

    desk.live.work()
    for supervisor in (at_desk, on_phone):
        supervisor.page.locator(".rung-fired").first.wait_for()
        assert supervisor.page.evaluate("window.stayed") is True
        # Colour is never the only signal: the lamp has its word, the counts in the tree theirs.
        assert supervisor.page.locator(".board-row .lamp").first.inner_text() == "已超期"
    assert "已超期" in at_desk.page.locator(".board-tree .light-red").first.inner_text()
    at_desk.look(f"board-{login}")
    on_phone.fits()
    on_phone.look(f"board-{login}-phone")

    at_desk.page.locator(".board-acts summary").first.click()
    at_desk.press("催办")
    at_desk.reads("已催办")
    at_desk.reads("已采取措施：")
    # With a thumb, from the row; the other case, for nobody is urged twice at once.
    on_phone.page.locator(".board-acts summary").last.click()
    button = on_phone.page.get_by_role("button", name="催办").last
    assert button.bounding_box()["height"] >= 44
    button.click()
    on_phone.reads("已催办")


def test_the_figures_fit_a_phone(desk: Desk) -> None:
    late_for(desk, "county_supervisor")
    supervisor = desk.person("county_supervisor", **PHONE)
    supervisor.go("/reports?period=year")
    supervisor.fits()
    supervisor.look("figures-phone")


def test_the_board_goes_into_a_workbook(desk: Desk) -> None:
    """What one sees is what one gets, opened and read: the lamp in words, the ladder, the rule."""
    late_for(desk, "county_supervisor")
    desk.live.work()
    supervisor = desk.person("county_supervisor")
    supervisor.press("督办")
    supervisor.reads(LATE)
    number = supervisor.page.locator(".board-row .number").first.inner_text()
    with supervisor.page.expect_download() as waiting:
        supervisor.page.get_by_role("link", name="导出 Excel").click()
    book = load_workbook(io.BytesIO(waiting.value.path().read_bytes()))
    head, first = [[cell.value for cell in row] for row in book["升级看板"].iter_rows(2, 3)]
    said = dict(zip(head, first, strict=True))
    assert (said["时限状态"], said["编号"], said["事项"]) == ("已超期", number, LATE)
    assert "清泉镇" in said["升级路径"] and "升级表规则" in said["依据"]


def test_the_printed_page_loses_no_column(desk: Desk) -> None:
    """On A4 across, each table of figures is no wider than the paper."""
    late_for(desk, "county_supervisor")
    desk.live.work()
    leader = desk.person("county_leader")
    leader.go("/reports?period=year")
    leader.page.emulate_media(media="print")
    leader.page.set_viewport_size({"width": 1040, "height": 720})
    wide = leader.page.evaluate(
        "[...document.querySelectorAll('.scrolls')].map(e => e.scrollWidth - e.clientWidth)"
    )
    assert len(wide) == 7 and max(wide) <= 1
    assert leader.page.locator("#by-handler").is_visible()
    leader.look("figures-print")
    size = leader.page.evaluate("document.documentElement.scrollWidth")
    assert size <= 1041


def test_it_leads_from_a_number_to_its_cases_and_into_a_workbook(desk: Desk) -> None:
    for number in range(3):
        desk.live.run(lambda world, one=number: world.open(summary=f"路面破损 {one}"))
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


def test_a_board_says_when_it_is_no_longer_live(desk: Desk) -> None:
    """Without a network, without an answer, without a session: the reason, and as of when."""
    late_for(desk, "county_supervisor")
    supervisor = desk.person("county_supervisor")
    page = supervisor.page
    page.clock.install()
    supervisor.press("督办")
    state = page.locator(".board-live")
    page.clock.run_for(6_000)
    assert state.inner_text().startswith("实时")

    page.context.set_offline(True)
    supervisor.reads("连接中断，数据截至")
    assert re.search(r"\d\d:\d\d:\d\d$", state.inner_text()) and "实时" not in state.inner_text()
    supervisor.judge("board-cut")
    page.context.set_offline(False)
    page.clock.run_for(6_000)
    supervisor.reads("实时")

    # A server that takes the question and never answers.
    page.route("**/supervision/live*", lambda _route: None)
    page.clock.run_for(30_000)
    supervisor.reads("未更新，数据截至")
    page.unroute_all(behavior="ignoreErrors")
    supervisor.go("/supervision")
    supervisor.reads("实时")
    page.route("**/supervision/live*", lambda route: route.fulfill(status=502))
    page.clock.run_for(6_000)
    supervisor.reads("连接中断，数据截至")
    page.unroute_all(behavior="ignoreErrors")

    page.context.clear_cookies()
    page.clock.run_for(6_000)
    supervisor.reads("登录已过期，数据截至")
    # The browser complains of what was done to its network.
    desk.problems.clear()


def test_the_board_of_notices_says_it_too(desk: Desk) -> None:
    supervisor = desk.person("county_supervisor")
    supervisor.go("/demands")
    supervisor.reads("实时")
    supervisor.page.context.set_offline(True)
    supervisor.reads("连接中断，数据截至")
    desk.problems.clear()
