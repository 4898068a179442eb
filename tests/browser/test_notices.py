"""Channels in a real browser: set one up, see it fail and fix it, choose what one receives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from engine.notices.channels import register, threads
from engine.storage.db import transaction
from tests.browser.desk import PHONE, Desk
from tests.engine.notices.channels.servers import Receiver, web_server
from tests.webapp.test_admin import appoint

pytestmark = pytest.mark.browser


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A robot's server."""
    with web_server() as made:
        yield made


def work(desk: Desk) -> None:
    desk.live.run(lambda world: (world.work(datetime.now(UTC)), threads.finish(20)))


def test_it_sets_up_a_robot_watches_it_fail_and_mends_it(desk: Desk, receiver: Receiver) -> None:
    appoint(desk.live.site, "boss", "620725")
    boss = desk.person("boss")
    boss.go("/admin/notices")
    boss.reads("暂无对外通知渠道")
    boss.page.locator(".empty").get_by_role("link", name="新增渠道").click()
    boss.look("channels-choose")
    boss.page.get_by_role("link", name="企业微信群机器人").click()
    boss.write("网址", f"{receiver.url}/robot?key={{{{ secrets.key }}}}")
    boss.write("密钥", "key=geheim")
    boss.page.get_by_label("新任务").check()
    boss.look("channel-new")
    boss.press("新增")
    boss.press("启用")
    boss.press("发送测试")
    receiver.status = 500
    work(desk)
    boss.page.reload()
    boss.reads("对方没有接受（HTTP 500）")
    boss.look("channel-failing")
    receiver.status = 200
    boss.press("发送测试")
    work(desk)
    boss.page.reload()
    boss.reads("已发出")
    assert receiver.requests[-1].path == "/robot?key=geheim"
    boss.go("/admin/notices")
    boss.look("channels")


def test_it_edits_a_text_with_a_preview(desk: Desk) -> None:
    appoint(desk.live.site, "boss", "620725")
    desk.live.run(lambda world: world.open(summary="楼道灯不亮"))
    boss = desk.person("boss")
    boss.go("/admin/notices/texts")
    boss.look("notice-texts")
    boss.page.get_by_role("link", name="编辑 新任务 简体中文").click()
    boss.page.locator("#source").fill("请办理：{{ title }}")
    boss.press("预览")
    boss.reads("请办理：楼道灯不亮")
    boss.look("notice-text")
    boss.press("保存")
    boss.press("恢复默认")
    boss.reads("已恢复默认文本")
    boss.go("/admin/notices/hours")
    boss.look("notice-hours")
    boss.go("/admin/notices/letters")
    boss.look("letters-empty")


@pytest.mark.parametrize("where", ["desk", "phone"])
def test_it_lets_people_choose_what_they_receive(
    desk: Desk, receiver: Receiver, where: str
) -> None:
    desk.live.run(lambda world: _channel(world, receiver))
    leader = desk.person("grid_leader", **(PHONE if where == "phone" else {}))
    leader.go("/profile/notices")
    leader.page.locator("#phone").fill("13893600009")
    leader.page.get_by_label("什么时候发").select_option(label="每日汇总")
    leader.page.get_by_label("新任务").uncheck()
    leader.fits()
    leader.look(f"notice-settings-{where}")
    leader.press("保存")
    leader.reads("通知设置已保存")
    assert not leader.page.get_by_label("新任务").is_checked()
    assert leader.page.get_by_label("已超期", exact=True).is_checked()


def _channel(world: object, receiver: Receiver) -> None:
    typed = {"url": receiver.url, "method": "POST", "body": "{{ text }}"}
    draft = register.ChannelDraft("短信", "http", "person", typed, ("task.opened", "task.overdue"))
    with transaction() as db:
        boss = world.logins["county_leader"]  # type: ignore[attr-defined]
        channel, _secret = register.create(db, boss, draft, now=datetime.now(UTC))
        register.switch(db, boss, channel.id, True, now=datetime.now(UTC))
