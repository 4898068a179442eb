"""A long list is picked from by typing: parts of names, sounds, codes; by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.desk import WCAG
from tests.browser.test_scripts import Pages, show  # noqa: F401
from tests.browser.town import AXE
from webapp.assets import DIST

pytestmark = pytest.mark.browser

VILLAGES = "西街村 清泉村 郝家湾村 长胜村 朝阳村 五里墩村 红寺湖村 双湖村 拾号村"
NAMES = ["南湖社区", "北关社区", "东街社区", *VILLAGES.split(" ")]
TOWNS = {"清泉镇": NAMES, "霍城镇": [f"{one}二组" for one in NAMES]}
OPTIONS = "".join(
    f'<optgroup label="{town}">'
    + "".join(f'<option value="{town[0]}{at:02}1">{name}</option>' for at, name in enumerate(names))
    + "</optgroup>"
    for town, names in TOWNS.items()
)
PAGE = f"""<main><h1>登记</h1><form method="post" action="/sent">
<label for="place">地点</label><select class="form-select" id="place" name="place" required
 data-near="霍001 清041"><option value="">请选择</option>{OPTIONS}</select>
<label for="note">备注</label><input id="note" name="note"><button>提交</button></form></main>"""
DOWN, ENTER = "ArrowDown", "Enter"
# Stands in the table of sounds alone, as the bundler writes it: 居委会.
ANY_TAIL = "\\u5C45\\u59D4\\u4F1A"


@pytest.mark.parametrize(
    ("typed", "keys", "value"),
    [
        ("南湖", (ENTER,), "清001"),
        ("nhsq", (ENTER,), "清001"),
        ("nanhushequ", ("Tab",), "清001"),
        ("changsheng", (ENTER,), "清061"),
        ("朝陽村", (ENTER,), "清071"),
        ("chaoyang", (ENTER,), "清071"),
        ("cangsen", (ENTER,), "清061"),
        ("南胡社区", (ENTER,), "清001"),
        ("beiguan", (ENTER,), "清011"),
        ("霍051", (ENTER,), "霍051"),
        ("", (DOWN, ENTER), "霍001"),
        ("", (DOWN, DOWN, ENTER), "清041"),
        # What is near comes first among equals: 霍001, then 清001 and 清011.
        ("社区", (DOWN, DOWN, ENTER), "清011"),
        ("没有的地方", (ENTER,), ""),
    ],
)
def test_it_picks_by_keyboard_what_was_meant(
    show: Callable[..., None],  # noqa: F811
    page: Page,
    typed: str,
    keys: tuple[str, ...],
    value: str,
) -> None:
    show(PAGE)
    box = page.locator("#place-pick")
    box.focus()
    page.keyboard.type(typed)
    if typed and value:
        expect(page.get_by_role("option").first).to_be_visible()
    for key in keys:
        page.keyboard.press(key)
        if key == DOWN:
            expect(page.get_by_role("option").first).to_be_visible()
    expect(page.locator("#place")).to_have_value(value)
    assert Pages.bodies == []


def test_keys_that_come_before_their_list_wait_for_it(
    show: Callable[..., None],  # noqa: F811
    page: Page,
) -> None:
    """Whoever types faster than the table of sounds comes gets what the keys meant all the same."""
    chunks = DIST.glob("chunk-*.js")
    slow = next(one.name for one in chunks if ANY_TAIL in one.read_text(encoding="utf-8"))
    held: list[Route] = []
    page.route(f"**/{slow}", lambda route: held.append(route))  # noqa: PLW0108
    show(PAGE)
    page.locator("#place-pick").focus()
    page.keyboard.type("社区")
    for key in (DOWN, DOWN, ENTER):
        page.keyboard.press(key)
    expect(page.locator("#place")).to_have_value("")
    assert held
    for route in held:
        route.continue_()
    expect(page.locator("#place")).to_have_value("清011")
    assert Pages.bodies == []


def test_it_keeps_the_answer_until_another_is_chosen(
    show: Callable[..., None],  # noqa: F811
    page: Page,
) -> None:
    show(PAGE)
    box, kept = page.locator("#place-pick"), page.locator("#place")
    box.focus()
    page.keyboard.type("南湖")
    page.keyboard.press(ENTER)
    page.keyboard.type("xijie")
    expect(page.get_by_role("option").first).to_have_text("西街村 清泉镇")
    page.keyboard.press("Escape")
    expect(box).to_have_value("南湖社区")
    box.fill("北关社")
    page.get_by_label("备注").focus()
    expect(box).to_have_value("南湖社区")
    box.fill("")
    page.get_by_label("备注").focus()
    expect(kept).to_have_value("")
    # What is missing is asked for where it is typed.
    page.get_by_role("button", name="提交").click()
    expect(box).to_be_focused()
    assert Pages.bodies == []


def test_anybody_can_read_what_is_offered(
    show: Callable[..., None],  # noqa: F811
    page: Page,
) -> None:
    show(PAGE)
    page.locator("#place-pick").focus()
    page.keyboard.type("湖")
    expect(page.get_by_role("option")).to_have_count(6)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    ask = "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})"
    assert page.evaluate(ask, WCAG)["violations"] == []


def test_a_long_list_of_boxes_is_sifted_and_keeps_what_is_ticked(
    show: Callable[..., None],  # noqa: F811
    page: Page,
) -> None:
    boxes = "".join(
        f'<div class="form-check"><input type="checkbox" id="u{at}" name="units" value="{at}">'
        f'<label for="u{at}">{name}</label></div>'
        for at, name in enumerate([*NAMES, "住建局", "水务局", "交通局", "教育局"])
    )
    field = f'<legend>协办</legend><div data-sieve="找">{boxes}</div>'
    show(f"<main><form><fieldset>{field}</fieldset></form></main>")
    page.get_by_label("水务局").check()
    page.get_by_label("找").fill("zjj")
    expect(page.get_by_label("住建局")).to_be_visible()
    expect(page.get_by_label("水务局")).to_be_visible()
    expect(page.get_by_label("教育局")).to_be_hidden()
