"""The page of operations as an administrator sees it: when nothing works, and when all is well."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.operations import backup
from tests.browser.desk import PHONE, Desk
from tests.webapp.test_admin import appoint

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desk", "phone"])
def test_it_is_read_in_any_state_by_everybody(desk: Desk, size: dict[str, object]) -> None:
    """Lamps have words, commands do not stick out, and what is fixed turns green."""
    appoint(desk.live.site, "boss", "620725")
    desk.live.run(lambda world: world.open())
    name = "phone" if size else "desk"
    admin = desk.person("boss", **size)
    admin.go("/admin/operations")
    admin.reads("有需立即处理的问题")
    admin.reads("systemctl start fengqiao-backup")
    admin.fits()
    admin.look(f"operations-red-{name}")

    folder = desk.live.site.app.config["FENGQIAO"].data_dir
    desk.live.run(
        lambda world: (
            world.work(datetime.now(UTC)),
            backup.make(folder / "one.backup", now=datetime.now(UTC)),
        )
    )
    admin.page.reload()
    admin.reads("旧消息清理")
    assert admin.page.get_by_text("systemctl").count() == 0
    admin.fits()
    admin.look(f"operations-green-{name}")
