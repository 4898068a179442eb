"""A county's policy staff at work: from a first look at a process to a case that follows it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from engine.definitions import rollouts, versions
from engine.models import Case, Task, Version
from engine.storage.db import reading
from tests.browser.desk import PATIENCE_MS, Desk, Person
from tests.browser.live import Live
from tests.browser.pace import Pace
from tests.browser.policydesk import Editor, begin, editor_of
from tests.conftest import ROOT
from tests.engine.casework.world import ACCEPT
from tests.webapp import policy_desk
from tests.webapp.site import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
DOCS = ROOT / "docs/policy.zh-CN.md"
ENGLISH = ROOT / "docs/policy.md"
MEASURED = re.compile(r"共点击 (\d+) 次")


def arrive(somebody: Person, login: str) -> None:
    """Log in with the mouse, as a new user would."""
    somebody.go("/login")
    somebody.page.locator("#login").fill(login)
    somebody.page.locator("#password").fill(PASSWORD)
    somebody.press("登录")
    somebody.page.wait_for_url(lambda url: "/login" not in url)


def processes(somebody: Person) -> None:
    """Follow the rail to the processes."""
    somebody.page.locator("nav.rail").get_by_role("link", name="流程").click()
    somebody.page.wait_for_url("**/policy/processes")


def submit(somebody: Person, reason: str) -> None:
    """Say why and hand the draft to the publishers."""
    somebody.write("修改理由", reason)
    somebody.press("送审")
    somebody.reads("已送审")


def approve(somebody: Person, title: str = "网格事件闭环") -> None:
    """Find the draft that waits, read it and publish it."""
    processes(somebody)
    somebody.page.get_by_role("link", name=f"审批 {title}").click()
    somebody.page.wait_for_url("**/review")
    somebody.press("批准并发布")
    somebody.reads("已发布第 2 版")


def published(live: Live, process: str = "ticket") -> Version:
    with live.site.app.app_context(), reading() as db:
        version = versions.latest(db, process)
        assert version is not None
        return version


def test_it_changes_a_limit_from_login_to_a_case_that_follows_it(live: Live, desk: Desk) -> None:
    policy_desk.staff(live.site)
    pace = Pace()
    editor = pace.watch(desk.stranger())
    arrive(editor, "editor")
    processes(editor)
    editor.page.get_by_role("button", name="修改 网格事件闭环").click()
    at_work = Editor(editor, int(editor.page.url.rsplit("/", 1)[-1])).ready()
    at_work.choose("accept")
    with at_work.saving():
        at_work.fill("办理时限（签收后起算）", "3")
    editor.press("送审")
    # What the scenarios expected was the old limit; the change was meant.
    editor.reads("未通过")
    editor.press("按当前结果重新保存用例")
    submit(editor, "村里人手少，受理放宽到三个工作日")

    publisher = pace.watch(desk.stranger())
    arrive(publisher, "publisher")
    approve(publisher)
    seconds = pace.seconds

    said = MEASURED.search(DOCS.read_text(encoding="utf-8"))
    assert said is not None and pace.clicks == int(said[1]), f"{pace.clicks} clicks"
    assert f"two people make {pace.clicks} clicks" in ENGLISH.read_text(encoding="utf-8")
    print(f"from login to published: {pace.clicks} clicks, {seconds:.1f} s")
    case_id = live.run(lambda world: world.open())
    with live.site.app.app_context(), reading() as db:
        version = db.scalars(
            select(Version).join(Case, Case.version_id == Version.id).where(Case.id == case_id)
        ).one()
        limit = select(Task.limit_amount).where(Task.case_id == case_id, Task.node_id == "accept")
        assert (version.number, db.scalars(limit).one()) == (2, 3)
    leader = desk.person("grid_leader")
    leader.go(f"/cases/{case_id}")
    leader.reads("第 2 版")


def test_it_adds_a_branch_and_a_step_with_a_new_form_tries_it_and_publishes(
    live: Live, desk: Desk
) -> None:
    draft = begin(live)
    editor = editor_of(desk, draft)
    step = add_step(editor)
    make_form(editor, step)
    editor = killed(editor, step)
    add_condition(editor, step)
    editor.passes()

    record(editor.person)
    editor.person.go(f"/policy/drafts/{draft}/review")
    editor.person.reads("现场核查")
    submit(editor.person, "学校周边的问题先到现场核查")
    approve(desk.person("publisher"))

    case_id = live.run(lambda world: world.open(setting="学校周边"))
    live.run(lambda world: world.complete("grid_leader", case_id, HANDED_UP))
    assert live.run(lambda world: world.open_nodes(case_id)) == [step]
    dispatcher = desk.person("dispatcher")
    dispatcher.go(f"/cases/{case_id}")
    dispatcher.press("签收")
    dispatcher.write("核查情况", "围墙已加固，没有危险")
    dispatcher.press("提交")
    dispatcher.reads("已办结")


HANDED_UP = {**ACCEPT, "acceptance": "上报分流", "hand_up_reason": "需要部门处置"}


def add_step(editor: Editor) -> str:
    """A new step after the decision, in the picture and in the panel; gives its id."""
    editor.choose("gw_accepted")
    editor.append("添加人工环节")
    with editor.saving():
        editor.fill("名称", "现场核查")
    editor.page.get_by_label("角色", exact=True).select_option(label="分派员")
    with editor.saving():
        editor.page.get_by_label("层级", exact=True).select_option(label="乡镇级")
    found = re.search(r'<bpmn:userTask id="([^"]+)" name="现场核查"', editor.file())
    assert found is not None
    # Nothing follows it: the finding says so and mends it.
    with editor.saving():
        editor.mend("接一个结束事件")
    return found[1]


def make_form(editor: Editor, step: str) -> None:
    """A form for the step, with one question of another name and two choices."""
    editor.choose(step)
    editor.person.press("新建表单…")
    outline = editor.page.locator(".form-outline")
    outline.get_by_role("button", name="办理情况").click()
    with editor.saving():
        editor.fill("题目", "核查情况")
    preview = editor.page.frame_locator("iframe").first
    preview.get_by_label("核查情况").wait_for()


def killed(editor: Editor, step: str) -> Editor:
    """The tab dies while something was just typed; in a new one nothing is lost."""
    editor.page.get_by_role("tab", name="流程图").click()
    # The step is still the chosen one.
    editor.page.get_by_label("英文名称", exact=True).fill("Visit")
    # Typed, and not yet on the server.
    expect(editor.part("saved")).to_contain_text("正在保存")
    context = editor.page.context
    editor.page.close(run_before_unload=False)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    again = Editor(Person(editor.desk, page), editor.draft_id).open()
    again.choose(step)
    expect(page.get_by_label("名称", exact=True)).to_have_value("现场核查")
    expect(page.get_by_label("英文名称", exact=True)).to_have_value("Visit")
    element = again.file().partition(f'<bpmn:userTask id="{step}"')[2]
    form = re.search(r'form="([^"]+)"', element)
    assert form is not None
    assert "核查情况" in again.file(f"forms/{form[1]}.json")
    return again


def add_condition(editor: Editor, step: str) -> None:
    """The new branch gets its condition from a question of an earlier form, after a slip."""
    editor.choose("gw_accepted")
    editor.part("panel").get_by_role("button", name="到“现场核查”").first.click()
    panel = editor.part("panel")
    panel.get_by_role("button", name="用 FEEL 写").click()
    area = panel.get_by_label("条件（FEEL）")
    with editor.saving():
        area.fill('setting == "学校周边"')
        area.press("Tab")
    editor.finds("==")
    with editor.saving():
        editor.mend("改")
    panel.get_by_label("字段").wait_for()
    expect(panel.get_by_label("字段")).to_have_value("setting")
    # And by choosing, as everybody else does it.
    with editor.saving():
        panel.get_by_label("值").select_option(label="市场商铺")
    with editor.saving():
        panel.get_by_label("值").select_option(label="学校周边")
    assert f'targetRef="{step}"' in editor.file() and 'setting = "学校周边"' in editor.file()


def record(somebody: Person) -> None:
    """Try the draft as the roles of its steps and keep the way as a scenario."""
    page = somebody.page
    somebody.press("试运行")
    page.get_by_label("在哪一级登记").select_option(label="网格")
    somebody.press("开始")
    somebody.write("场所类型", "学校周边")
    somebody.press("提交并执行下一步")
    somebody.reads("打开“受理”")
    somebody.choose("受理意见", "上报分流")
    somebody.press("提交并执行下一步")
    somebody.reads("打开“现场核查”")
    somebody.write("核查情况", "没有危险")
    somebody.press("提交并执行下一步")
    somebody.reads("事项结束")
    page.locator(".diagram[data-ready]").wait_for()
    assert ink(page, ".djs-connection.step-done") == GREEN
    somebody.judge("policy-trial")
    page.get_by_label("用例名称").fill("学校周边先核查")
    somebody.press("保存用例")
    somebody.reads("已存为用例“学校周边先核查”")
    somebody.reads("条连线")
    page.locator(".diagram[data-ready]").wait_for()
    assert ink(page, ".djs-connection.step-done") == GREEN
    somebody.judge("policy-scenarios")


GREEN = "rgb(30, 123, 79)"


def ink(page: Any, flow: str) -> str:
    """The colour in which a flow is drawn."""
    line = page.locator(f"{flow} .djs-visual > path").first
    return str(line.evaluate("element => getComputedStyle(element).stroke"))


def test_it_adds_a_row_to_the_escalation_table(live: Live, desk: Desk) -> None:
    draft = begin(live, "escalation")
    editor = editor_of(desk, draft)
    before = editor.file("processes/escalation.dmn").count("<rule ")
    add_row(editor)
    assert editor.file("processes/escalation.dmn").count("<rule ") == before + 1
    editor.passes()
    editor.person.press("送审")
    editor.person.reads("改动内容")
    submit(editor.person, "到期满五个工作日，县里直接督办")
    approve(desk.person("publisher"), "超期升级表")
    with live.site.app.app_context(), reading() as db:
        table = rollouts.plan(db, "escalation", published(live, "escalation").effective_at)
        assert table.everywhere == published(live, "escalation").id


def add_row(editor: Editor) -> None:
    """One more row, its cells typed one after the other."""
    cells: list[Any] = ["", "", "", "", "", '"handle"', "5", '"working_days"', "2"]
    cells += ['"supervisor"', '"supervise"']
    page = editor.page
    page.locator(".add-rule, td.add-rule").last.click()
    row = page.locator("tbody tr").filter(has=page.locator(".rule-index")).last
    for place, words in enumerate(cells):
        if words:
            cell = row.locator("td.cell:not(.rule-index)").nth(place)
            cell.click()
            page.keyboard.type(words)
    with editor.saving():
        page.locator(".table-bar").click()
    # A cell is kept a moment after it is left.
    page.wait_for_timeout(500)
