"""Two browsers on one case: they see each other, and the slower one is told before it counts."""

from __future__ import annotations

import re

import pytest

from tests.browser.desk import Desk
from tests.browser.town import fill
from tests.engine.casework.world import ACCEPT, DISPATCH

pytestmark = pytest.mark.browser


def at_handling(desk: Desk) -> str:
    """A ticket at the housing bureau, whose leader has it open as well."""

    def walk(world):  # type: ignore[no-untyped-def]
        case_id = world.open(summary="楼道灯不亮")
        world.complete("grid_leader", case_id, ACCEPT)
        world.complete("dispatcher", case_id, DISPATCH)
        return case_id

    return f"/cases/{desk.live.run(walk)}"


def test_they_see_each_other_and_nobody_overwrites(desk: Desk) -> None:
    """Who types is seen typing; what was typed survives the refusal, and then goes through."""
    path = at_handling(desk)
    handler, leader = desk.person("handler"), desk.person("county_leader")
    handler.go(path)
    handler.press("签收")
    leader.go(path)
    leader.reads("正在查看")
    handler.go(path)
    handler.reads("员工county_leader")
    with handler.page.expect_response("**/here"):
        handler.write("处置措施和结果", "更换灯具两盏。")
    handler.look("together")
    leader.go(path)
    leader.reads("正在填写")

    leader.go(f"{path}/moves/reclassify")
    leader.choose("紧急程度", "紧急")
    leader.write("原因", "群众反映强烈")
    leader.press("确认重新定性")
    leader.reads("已重新定性")

    today = handler.page.evaluate("new Date().toLocaleDateString('sv')")
    told = {"started_on": today, "untrue_basis": "到场未见", "public_answer": "已核实。"}
    fill(handler, {"handle_result": "经查不实", **told})
    handler.press("提交")
    handler.page.get_by_text(re.compile("此事项已有变化：员工county_leader 重新定性")).wait_for()
    handler.look("together-stale")
    area = handler.page.locator('[data-name="handle_measures"] textarea')
    assert area.input_value() == "更换灯具两盏。"
