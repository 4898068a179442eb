"""The escalation board and the pages of figures, as supervisors and leaders see them."""

from __future__ import annotations

import html
import io
import re
from datetime import datetime, timedelta

import pytest
from openpyxl import load_workbook

from engine.reports.escalations import PAGE_SIZE
from tests.engine.casework.world import ACCEPT, FRIDAY_9AM, World
from tests.webapp.site import Site, plain
from webapp import excel_style

LINK = re.compile(r'href="(/reports/cases\?[^"]+)">(\d+)</a>')
ROW = re.compile(r'class="row-link" href="/cases/(\d+)')
NEXT = re.compile(r'rel="next" href="([^"]+)"')
LIVE = re.compile(r'hx-get="([^"]+/live[^"]*)"')
ACT = re.compile(r'<a href="([^"]+)">([^<]+…)</a>')
MENU = re.compile(r'<details class="menu board-acts">.*?</details>', re.DOTALL)
TASK = re.compile(r'action="(/supervision/tasks/\d+/urge)"')


@pytest.fixture
def late(site: Site) -> list[int]:
    """Three tickets: one late and escalated, one accepted late, one new; two weeks on."""
    found = [site.open(summary=f"路灯不亮 {number}") for number in range(2)]
    site.run(lambda world: world.work(FRIDAY_9AM + timedelta(days=14)))
    site.run(lambda world: world.complete("grid_leader", found[1], ACCEPT))
    return [*found, site.open(summary="刚刚登记")]


def rows_behind(site: Site, login: str, path: str) -> int:
    """How many rows a number's list has, over all its pages."""
    browser, count = site.browser(login), 0
    while True:
        page = browser.get(path)
        assert page.status_code == 200
        count += len(ROW.findall(page.text))
        following = NEXT.search(page.text)
        if following is None:
            return count
        path = html.unescape(following[1])


def test_it_leads_from_each_number_to_as_many_rows(site: Site, late: list[int]) -> None:
    page = site.browser("county_leader").get("/reports?first=2026-11-01&last=2026-12-04")
    links = {html.unescape(path): int(number) for path, number in LINK.findall(page.text)}

    assert len(links) > 8
    for path, number in links.items():
        assert rows_behind(site, "county_leader", path) == number, path


def test_it_shows_a_part_of_the_area_alone(site: Site, late: list[int]) -> None:
    """The township's page has the township's numbers; its leader sees no other."""
    page = site.browser("town_leader").get("/reports?period=year")
    assert page.status_code == 200 and "办结率" in plain(page)
    county = re.search(
        r'href="/reports\?unit=(\d+)', site.browser("county_leader").get("/reports").text
    )
    assert county is not None
    assert site.browser("handler").get("/reports").status_code == 403
    assert site.browser("town_leader").get("/reports?unit=1").status_code == 404
    assert site.browser("town_leader").get("/reports?unit=x").status_code == 404


def test_it_says_so_when_the_days_are_wrong(site: Site) -> None:
    page = site.browser("county_leader").get("/reports?first=2026-12-01&last=2026-11-01")
    assert page.status_code == 200 and "日期不正确" in plain(page)


def test_it_gives_the_figures_as_a_workbook(site: Site, late: list[int]) -> None:
    """Opened again: the numbers are numbers, and a rate has its two."""
    answer = site.browser("county_leader").get("/reports.xlsx?first=2026-11-01&last=2026-12-04")
    assert answer.status_code == 200 and answer.mimetype == excel_style.MIME
    book = load_workbook(io.BytesIO(answer.data))

    assert book.sheetnames == ["按单位", "按类型", "按日", "说明"]
    total = [cell.value for cell in book["按单位"][book["按单位"].max_row]]
    head = [cell.value for cell in book["按单位"][2]]
    found = dict(zip(head, total, strict=True))
    assert (found["登记"], found["办结率"], found["办结率分母"]) == (3, 0, 3)
    assert found["超期小时"] > 24 and found["签收按期率"] == 0
    days = [row[0].value for row in book["按日"].iter_rows(min_row=3)]
    assert days[0] == datetime(2026, 11, 1) and len(days) == 34
    for sheet_name in ("按单位", "按类型", "按日"):
        one = book[sheet_name]
        assert one.auto_filter.ref and one.sheet_properties.pageSetUpPr.fitToPage
        assert (one.page_setup.orientation, one.page_setup.fitToHeight) == ("landscape", 0)
        assert one.print_title_rows and "升级表第 1 版" in one["A1"].value
    # The line of totals is not sorted away: the filter ends above it.
    assert book["按单位"].auto_filter.ref.endswith(str(book["按单位"].max_row - 1))
    notes = {row[0].value: row[1].value for row in book["说明"].iter_rows()}
    assert (notes["升级表版本"], isinstance(notes["生成时间"], datetime)) == (1, True)
    assert notes["流程版本：网格事件闭环"] == 1


def test_it_sorts_by_a_column_and_keeps_the_order_in_the_workbook(
    site: Site, late: list[int]
) -> None:
    """Pressed once the highest comes first, pressed again last; the address keeps it."""
    browser, base = site.browser("county_leader"), "/reports?first=2026-11-01&last=2026-12-04"
    orders = []
    for order in ("&sort=late_minutes&down=1", "&sort=late_minutes", "&sort=none"):
        page = browser.get(base + order).text
        table = page[page.index('<table class="figures" aria-labelledby="by-handler"') :]
        rows = re.findall(
            r'<th scope="row">(?:<a [^>]*>)?([^<]+)', table[: table.index("</tbody>")]
        )
        orders.append(rows)
        book = load_workbook(io.BytesIO(browser.get(base.replace("?", ".xlsx?") + order).data))
        listed = [row[0].value for row in book["按单位"].iter_rows(min_row=3)][:-1]
        assert [one.removesuffix("本级") for one in rows] == listed
    assert sorted(orders[0]) == sorted(orders[1]) == sorted(orders[2])
    assert orders[0][0] == "清泉镇" != orders[1][0]
    assert 'aria-sort="descending"' in browser.get(base + "&sort=late_minutes&down=1").text


def test_it_counts_one_process_alone(site: Site, late: list[int]) -> None:
    browser, base = site.browser("county_leader"), "/reports?first=2026-11-01&last=2026-12-04"
    whole, ticket, other = (
        plain(browser.get(base + more)) for more in ("", "&process=ticket", "&process=none")
    )
    assert "合计" in whole and "网格事件闭环" in ticket
    links = LINK.findall(browser.get(base + "&process=ticket").text)
    assert links and all("process=ticket" in link for link, _number in links)
    for path, number in links:
        assert rows_behind(site, "county_leader", html.unescape(path)) == int(number), path
    assert not LINK.findall(browser.get(base + "&process=none").text), other


def test_it_writes_no_formula_into_a_workbook() -> None:
    assert [excel_style.text(one) for one in ("=1+1", "@x", "清泉镇")] == ["'=1+1", "'@x", "清泉镇"]


def test_it_puts_the_gravest_first_and_says_why(site: Site, late: list[int]) -> None:
    page = site.browser("county_supervisor").get("/supervision")
    text = plain(page)

    assert [int(one) for one in ROW.findall(page.text)][0] == late[0]
    assert late[2] not in [int(one) for one in ROW.findall(page.text)]
    assert "责任单位/责任人：" in text and "升级表规则" in text and "●" in text
    assert "山丹县" in text


def test_it_urges_from_the_row_and_shows_that_it_was(site: Site, late: list[int]) -> None:
    browser = site.browser("county_supervisor")
    action = TASK.search(browser.get("/supervision").text)
    assert action is not None
    assert browser.post(action[1]).status_code == 303
    again = browser.post(action[1])
    assert again.status_code == 303

    text = plain(browser.get("/supervision"))
    assert "您刚催办过" in text and "已采取措施：" in text


def test_it_offers_in_a_row_what_the_reader_may_do(site: Site, late: list[int]) -> None:
    """Every link of a row leads to a page, and nobody is offered what their posts forbid."""
    offered = {
        "county_supervisor": {"督办单…", "改派…", "留言…"},
        "county_leader": {"督办单…", "改派…", "留言…"},
        "county_dispatcher": {"留言…"},
    }
    for login, words in offered.items():
        browser = site.browser(login)
        menus = MENU.findall(browser.get("/supervision").text)
        acts = [act for menu in menus for act in ACT.findall(menu)]
        assert {word for _link, word in acts} == words, login
        assert len(acts) == len(menus) * len(words), login
        assert {browser.get(link).status_code for link, _word in acts} <= {200, 303}, login


def test_it_sends_the_board_again_only_when_it_changed(site: Site, late: list[int]) -> None:
    browser = site.browser("county_supervisor")
    found = LIVE.search(browser.get("/supervision").text)
    assert found is not None
    live = html.unescape(found[1])
    assert browser.get(live).status_code == 204

    site.run(lambda world: world.work(FRIDAY_9AM + timedelta(days=20)))
    changed = site.fresh("county_supervisor").get(live)
    assert changed.status_code == 200 and "刚刚登记" in changed.text


def test_it_leads_on_to_the_second_page_of_the_board(site: Site) -> None:
    def fill(world: World) -> set[int]:
        opened = {world.open(summary=f"第 {number} 处") for number in range(PAGE_SIZE + 3)}
        world.now += timedelta(days=20)
        return opened

    opened = site.run(fill)
    browser = site.browser("county_supervisor")
    first = browser.get("/supervision")
    following = NEXT.search(first.text)
    assert following is not None
    second = browser.get(html.unescape(following[1]))

    pages = [{int(one) for one in ROW.findall(page.text)} for page in (first, second)]
    assert len(pages[0]) == PAGE_SIZE and pages[0].isdisjoint(pages[1])
    assert pages[0] | pages[1] == opened


def test_it_asks_a_fixed_number_of_statements_for_figures(site: Site, late: list[int]) -> None:
    browser = site.browser("county_leader")
    for path, most in (("/reports", 14), ("/reports/cases?measure=opened", 12)):
        browser.get(path)
        with site.statements() as seen:
            browser.get(path)
        assert len(seen) <= most, "\n\n".join(seen)


def exported(site: Site, login: str, query: str = "") -> list[tuple[object, ...]]:
    """The rows of the board's workbook, below its title and its heads."""
    answer = site.browser(login).get(f"/supervision.xlsx{query}")
    assert answer.status_code == 200
    book = load_workbook(io.BytesIO(answer.data))
    rows = [*book["升级看板"].iter_rows(values_only=True)]
    assert rows[1][:3] == ("时限状态", "编号", "事项")
    return rows[2:]


def test_it_exports_the_board_row_by_row(site: Site) -> None:
    """In the order of the board, each lamp in words, what has been tried, and no formula."""
    cases = [site.open(summary="=1+1"), site.open(summary="路灯不亮")]
    site.run(lambda world: world.work(FRIDAY_9AM + timedelta(days=14)))
    board = site.browser("county_supervisor").get("/supervision")
    task = TASK.search(board.text)
    assert task is not None
    assert site.browser("county_supervisor").post(task[1]).status_code == 303

    rows = exported(site, "county_supervisor")
    shown = re.findall(r'class="number">([^<]+)<', board.text)
    assert [row[1] for row in rows] == shown and len(rows) >= len(cases)
    assert {row[0] for row in rows} == {"已超期"}
    assert "'=1+1" in {row[2] for row in rows}
    assert any("催办" in str(row[-1]) for row in rows)
    assert all("升级表规则" in str(row[-2]) for row in rows)
    # The ladder names the units reached, the moment is a moment.
    assert all("清泉镇" in str(row[9]) and row[6] is not None for row in rows)


def test_the_export_keeps_to_the_area_and_the_filters(site: Site, late: list[int]) -> None:
    assert exported(site, "sibling") == []
    assert exported(site, "county_supervisor", "?lamp=yellow") == []
    everything = exported(site, "county_supervisor")
    assert everything and everything == exported(site, "county_supervisor", "?lamp=red")
    assert exported(site, "county_supervisor", "?process=dispute") == []
    assert site.browser("worker").get("/supervision.xlsx").status_code == 404
    other = site.browser("town_leader").get("/supervision.xlsx?unit=1")
    assert other.status_code == 404
