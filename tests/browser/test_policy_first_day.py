"""The first day of somebody who owns the rules: a process of their own, from nothing to its cases.

Nothing is done behind the pages: who draws, approves and works does it in a browser, in Chinese.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from engine.definitions import versions
from engine.storage.db import reading, transaction
from tests.browser.desk import PHONE, Desk, Person
from tests.browser.live import Live
from tests.browser.policydesk import Editor
from tests.browser.test_policy_stories import GREEN, arrive, ink, processes, submit
from tests.webapp import policy_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
NAME, PICTURE = "防汛巡查", "processes/flood/flood.bpmn"
AMBER = "rgb(138, 90, 0)"


def test_it_makes_a_process_from_nothing_and_works_its_first_case(live: Live, desk: Desk) -> None:
    policy_desk.staff(live.site)
    at_work = begun(desk)
    branched(at_work)
    asked(at_work)
    decided(at_work)
    at_work.passes()
    tried(at_work.person)
    covered(at_work)
    at_work.person.press("送审")
    at_work.person.reads(f"新增流程“{NAME}”")
    at_work.person.look("policy-review-new")
    submit(at_work.person, "汛期要每天巡查")

    approved(desk)
    live.work()
    at_work.person.go("/notices")
    at_work.person.reads(f"流程草稿已批准发布：{NAME}")
    worked(desk)


def begun(desk: Desk) -> Editor:
    """Log in, find where processes begin, and begin one from nothing."""
    editor = desk.stranger()
    arrive(editor, "editor")
    processes(editor)
    editor.look("policy-processes")
    editor.press("新建流程")
    editor.write("流程名称", NAME)
    editor.write("英文名称", "Flood patrol")
    editor.write("代码", "flood")
    editor.look("policy-new-process")
    editor.press("新建草稿")
    editor.page.wait_for_url(re.compile(r"/policy/drafts/\d+$"))
    return Editor(editor, int(editor.page.url.rsplit("/", 1)[-1])).ready()


def branched(at_work: Editor) -> None:
    """A gateway on the flow to the end, and after it one more step for a dispatcher."""
    page, panel = at_work.page, at_work.part("panel")
    page.locator('.djs-palette .entry[title="新建网关"]').click()
    flow = page.locator('.djs-element[data-element-id="f_handle_end"] .djs-hit').first
    box = flow.bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(middle[0] - 8, middle[1] - 8, steps=4)
    page.mouse.move(*middle, steps=4)
    page.mouse.click(*middle)
    with at_work.saving():
        at_work.fill("名称", "险情大不大")
    at_work.append("添加人工环节")
    with at_work.saving():
        at_work.fill("名称", "抢险")
    panel.get_by_label("角色", exact=True).select_option(label="分派员")
    with at_work.saving():
        panel.get_by_label("层级", exact=True).select_option(label="当前办理层级")
    with at_work.saving():
        at_work.mend("接一个结束事件")
    with at_work.saving():
        at_work.mend("新建表单")


def asked(at_work: Editor) -> None:
    """One more question in the form of the step before, by which the gateway will choose."""
    page = at_work.page
    page.get_by_role("tab", name="流程图").click()
    at_work.choose("handle")
    at_work.person.press("编辑表单…")
    form = page.locator("#part-form")
    form.get_by_role("button", name="加一题").click()
    at_work.fill("题目", "险情大吗")
    with at_work.saving():
        page.get_by_label("种类", exact=True).select_option(label="是或否")
    with at_work.saving():
        at_work.fill("字段名", "big")
    page.frame_locator("iframe").first.get_by_text("险情大吗").wait_for()
    page.screenshot(path="test-results/screens/policy-form.png")
    page.get_by_role("tab", name="流程图").click()


def decided(at_work: Editor) -> None:
    """The condition is chosen from the new question; the finding mends the other branch."""
    panel = at_work.part("panel")
    found = re.search(r'<bpmn:exclusiveGateway id="([^"]+)"', at_work.file(PICTURE))
    assert found is not None
    # While findings come in below, the picture moves under the mouse; people press again, too.
    for _press in range(3):
        at_work.choose(found[1])
        if panel.get_by_label("名称", exact=True).input_value() == "险情大不大":
            break
        at_work.page.wait_for_timeout(1000)
    panel.get_by_role("button", name=re.compile("^到“抢险”")).first.click()
    at_work.page.screenshot(path="test-results/screens/policy-branch.png")
    with at_work.saving():
        panel.get_by_role("button", name="写条件").click()
        panel.get_by_label("字段").select_option(label="险情大吗")
    with at_work.saving():
        at_work.mend("设为默认：到“办结”")
    assert re.search(r"big = true|>\s*big\s*<", at_work.file(PICTURE)), at_work.file(PICTURE)
    at_work.page.screenshot(path="test-results/screens/policy-drawn.png")


def tried(somebody: Person) -> None:
    """The way through the new step, kept as a scenario."""
    somebody.press("试运行")
    somebody.press("开始")
    somebody.write("事由", "河堤渗水")
    somebody.press("提交并执行下一步")
    somebody.reads("打开“办理”")
    somebody.choose("险情大吗", "是")
    somebody.press("提交并执行下一步")
    somebody.reads("打开“抢险”")
    somebody.look("policy-trial-new")
    somebody.press("提交并执行下一步")
    somebody.reads("事项结束")
    somebody.page.get_by_label("用例名称").fill("险情大就抢险")
    somebody.press("保存用例")
    somebody.reads("险情大不大 → 办结")


def covered(at_work: Editor) -> None:
    """The diagram shows the one flow that no scenario takes, and stops showing it."""
    at_work.open()
    at_work.passes()
    at_work.person.press("用例覆盖")
    expect(at_work.part("covered")).to_contain_text("未覆盖（1 条）")
    assert ink(at_work.page, ".flow-taken") == GREEN
    assert ink(at_work.page, ".flow-untaken") == AMBER
    at_work.person.judge("policy-coverage")
    at_work.page.screenshot(path="test-results/screens/policy-coverage.png")
    at_work.person.press("用例覆盖")
    expect(at_work.page.locator(".flow-taken, .flow-untaken")).to_have_count(0)


def approved(desk: Desk) -> None:
    """The publisher is told on the workbench too, and finds the draft from there."""
    publisher = desk.stranger()
    arrive(publisher, "publisher")
    publisher.go("/")
    publisher.reads("1 份流程草稿待您审批")
    publisher.look("policy-publisher-workbench")
    publisher.press("查看")
    publisher.page.get_by_role("link", name=f"审批 {NAME}").click()
    publisher.look("policy-approve")
    publisher.press("批准并发布")
    publisher.reads("已发布第 1 版")
    expect(publisher.page.locator("nav.rail .count")).to_have_count(0)


def worked(desk: Desk) -> None:
    """A dispatcher opens the first case and it goes the new way to its end."""
    clerk = desk.person("dispatcher")
    clerk.press("登记")
    clerk.look("policy-choose")
    clerk.write("事由", "河堤渗水")
    clerk.page.locator("#field-place, [name=place]").first.select_option(index=1)
    clerk.press("提交登记")
    clerk.reads("已登记，编号")
    clerk.press("签收")
    clerk.write("办理情况", "水位上涨，已设警戒")
    clerk.choose("险情大吗", "是")
    clerk.press("提交")
    clerk.reads("已提交，后续环节：抢险")


def test_running_cases_go_to_a_new_version(live: Live, desk: Desk) -> None:
    policy_desk.staff(live.site)
    case_id = live.run(lambda world: world.open())
    renamed(live)
    publisher = desk.person("publisher")
    processes(publisher)
    publisher.press("网格事件闭环")
    publisher.look("policy-versions")
    publisher.press("1 件")
    publisher.reads("可切换至第 2 版：1 件")
    publisher.look("policy-running")
    publisher.write("原因", "新规定从今天起用于在办事项")
    publisher.press("将 1 件切换至第 2 版")
    publisher.reads("已将 1 件切换至第 2 版，0 件保持原版本")

    leader = desk.person("grid_leader", **{**PHONE, "viewport": {"width": 390, "height": 844}})
    leader.go(f"/cases/{case_id}")
    leader.reads("受理核实")
    leader.reads("第 2 版")
    small = desk.person("publisher", **{**PHONE, "viewport": {"width": 390, "height": 844}})
    for path in ("processes", "processes/ticket", f"versions/{version_id(live)}"):
        small.go(f"/policy/{path}")
        small.look(f"phone-policy-{path.split('/')[0]}-{len(path)}")
        small.fits()


def version_id(live: Live) -> int:
    with live.site.app.app_context(), reading() as db:
        version = versions.latest(db, "ticket")
        assert version is not None
        return version.id


def renamed(live: Live) -> None:
    """A newer version in force, in which the step where the case is has another name."""
    with live.site.app.app_context(), transaction() as db:
        files = versions.files_of(db, version_id(live))
        text = files["processes/ticket/ticket.bpmn"].decode()
        files["processes/ticket/ticket.bpmn"] = text.replace(
            'name="受理"', 'name="受理核实"'
        ).encode()
        versions.publish(db, "ticket", files, now=live.site.world.now)
