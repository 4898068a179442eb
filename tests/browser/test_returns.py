"""A village leader's end of the month: fill, look behind a number, enter, sign and send."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from engine.definitions import versions
from engine.storage.db import transaction
from tests.browser.desk import PHONE, Desk
from tests.engine.casework.world import ROOT, World
from tests.webapp.test_admin import appoint

pytestmark = pytest.mark.browser


def prepared(world: World) -> None:
    """Tables in force, and a ticket that the village settled on the spot."""
    with transaction() as db:
        known = versions.latest(db, versions.STATISTICS)
        if known is None:
            files = versions.read_directory(ROOT)[versions.STATISTICS]
            versions.publish(db, versions.STATISTICS, files, now=world.now)
    world.open(summary="路面积水", settled="yes", settled_how="已疏通。", photos=[world.photo()])


def test_it_fills_signs_and_sends_a_return(desk: Desk) -> None:
    desk.live.run(prepared)
    appoint(desk.live.site, "village_head", "V1", "leader")
    leader = desk.person("village_head")
    leader.press("报表")
    leader.reads("网格事件台账")
    leader.look("returns")
    month = leader.page.locator("section", has_text="网格事件台账").locator("a.row-link").first
    month.click()
    leader.press("取数")
    leader.reads("已按案件取数")
    leader.look("return")
    leader.page.locator("tr", has_text="上报数").get_by_role("link").first.click()
    leader.reads("路面积水")
    leader.look("return-cases")
    leader.page.go_back()
    leader.press("填写数据")
    leader.write("走访户数", "12")
    leader.press("保存")
    leader.reads("12")
    leader.page.get_by_role("link", name="签发", exact=True).click()
    leader.reads("签发后不能修改")
    leader.look("return-sign")
    leader.press("签发")
    leader.reads("报送上级")
    leader.press("报送上级")
    leader.reads("已报送上级")
    leader.press("案件清单")
    leader.look("return-lines")

    phone = desk.person("village_head", **PHONE)
    phone.go(urlsplit(leader.page.url).path.removesuffix("/list"))
    phone.reads("已报送")
    phone.fits()
