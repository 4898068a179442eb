"""A supervisor's morning at each level: demand an account, judge it, see why, think ahead."""

from __future__ import annotations

import pytest

from tests.browser.desk import PHONE, Desk
from tests.engine.casework.test_demands import issue
from tests.engine.casework.world import World
from tests.webapp.test_admin import appoint

LATE = "楼道灯坏了没人管"
BOTH = pytest.mark.parametrize("size", [{}, PHONE], ids=["desk", "phone"])


@BOTH
@pytest.mark.parametrize("login", ["county_supervisor", "town_supervisor"])
def test_it_demands_an_account_and_judges_the_answer(desk: Desk, login: str, size: dict) -> None:
    desk.live.run(lambda world: world.open(summary=LATE), days_ago=2)
    desk.live.work()
    name = f"{login}-{'phone' if size else 'desk'}"
    supervisor = desk.person(login, **size)
    supervisor.go("/supervision")
    supervisor.reads(LATE)
    supervisor.page.locator(".board-acts summary").first.click()
    supervisor.press("督办单…")
    supervisor.write("督办要求", "请说明为何迟迟没有受理。")
    supervisor.fits()
    supervisor.look(f"supervise-{name}")
    supervisor.press("确认发督办单")
    supervisor.reads("已发出督办单")

    leader = desk.person("grid_leader", **size)
    leader.go("/")
    leader.press("待答复 1")
    leader.page.locator("a.row-link").first.click()
    leader.write("超期原因和已采取措施", "人手不足，今天上午到场。")
    leader.fits()
    leader.look(f"answer-{name}")
    leader.press("提交答复")
    leader.reads("已答复，待对方审核。")

    supervisor.go("/demands?stand=decide")
    supervisor.fits()
    supervisor.look(f"demands-{name}")
    supervisor.page.locator("a.row-link").first.click()
    supervisor.choose("审核结果", "通过，办结")
    supervisor.write("审核意见", "同意，注意时限。")
    supervisor.look(f"decide-{name}")
    supervisor.press("提交审核")
    supervisor.reads("已通过。")
    supervisor.press("打印")
    supervisor.reads("督办通知单")
    supervisor.fits()
    supervisor.look(f"sheet-{name}")


def test_the_board_of_notices_changes_when_the_worker_fires(desk: Desk) -> None:
    """A notice turns late while one looks; nobody reloads."""

    def play(world: World) -> None:
        issue(world, world.open(summary=LATE))

    desk.live.run(play, days_ago=4)
    supervisor = desk.person("county_supervisor")
    supervisor.go("/demands")
    supervisor.reads(LATE)
    supervisor.page.evaluate("window.stayed = true")
    before = supervisor.page.locator(".board-tree .light-red").count()
    desk.live.work()
    supervisor.page.locator("tr", has_text="升级表").first.wait_for()
    assert supervisor.page.evaluate("window.stayed") is True
    assert supervisor.page.locator(".worklist .lamp").first.inner_text() == "已超期"
    assert supervisor.page.locator(".board-tree .light-red").count() >= before
    supervisor.look("notices-live")


@BOTH
def test_it_tells_why_and_reckons_ahead(desk: Desk, size: dict) -> None:
    case_id = desk.live.run(lambda world: world.open(summary=LATE), days_ago=6)
    desk.live.work()
    name = "phone" if size else "desk"
    supervisor = desk.person("county_supervisor", **size)
    supervisor.go(f"/cases/{case_id}")
    supervisor.press("时限与升级依据")
    supervisor.reads("已触发：")
    supervisor.fits()
    supervisor.look(f"clocks-{name}")
    supervisor.go("/calculator?start=2026-09-29T16:00&step=ticket/accept")
    supervisor.reads("签收时限")
    supervisor.fits()
    supervisor.look(f"calculator-{name}")
    # Another step is chosen: its triage table asks for what it goes by, and answers by its row.
    supervisor.go("/calculator?start=2026-09-29T16:00")
    supervisor.page.locator("#step").select_option("ticket/handle")
    supervisor.page.get_by_text("期限和升级依据事项的以下情况：").wait_for()
    supervisor.page.get_by_label("是", exact=True).first.check()
    supervisor.page.locator("#level").select_option("county")
    supervisor.write("事项类别", "住房物业")
    supervisor.page.locator("form.panel button[type=submit]").click()
    supervisor.reads("网格事件时限第 1 条")
    supervisor.fits()
    supervisor.look(f"calculator-triage-{name}")


@BOTH
def test_a_leader_switches_an_emergency_on_and_off(desk: Desk, size: dict) -> None:
    desk.live.run(lambda world: world.open(summary=LATE))
    name = "phone" if size else "desk"
    leader = desk.person("county_leader", **size)
    leader.go("/supervision/emergencies")
    leader.press("启动应急状态…")
    leader.write("理由", "防汛")
    leader.press("预览变化")
    leader.reads("缩短预览")
    leader.fits()
    leader.look(f"emergency-{name}")
    leader.press("确认启动应急状态")
    leader.reads("已启动应急状态")
    leader.look(f"emergencies-{name}")
    for path, page in (("/", "desk"), ("/supervision", "board")):
        leader.go(path)
        leader.reads("应急状态（平战结合）：期限比平时短")
        leader.reads("防汛")
        leader.fits()
        leader.look(f"emergency-on-{page}-{name}")
    leader.press("查看应急状态")
    leader.press("恢复常态…")
    leader.write("理由", "汛情解除")
    leader.press("恢复常态")
    leader.reads("已恢复常态")


@BOTH
def test_an_administrator_changes_a_calendar(desk: Desk, size: dict) -> None:
    appoint(desk.live.site, "boss", "620725")
    desk.live.run(lambda world: world.open(summary=LATE))
    name = "phone" if size else "desk"
    admin = desk.person("boss", **size)
    admin.go("/admin/calendars")
    admin.fits()
    admin.look(f"calendars-{name}")
    admin.go("/admin/calendars/office?year=2027")
    admin.fits()
    admin.look(f"calendar-{name}")
    days = admin.page.locator("#days")
    days.fill("2027-01-01 休 元旦")
    admin.page.locator("#published").check()
    admin.press("预览变化")
    admin.reads("1 天有变化")
    admin.fits()
    admin.look(f"calendar-preview-{name}")
    admin.press("保存日历")
    admin.reads("已保存")
