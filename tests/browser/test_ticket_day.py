"""A grid ticket down both ways, by the people who work it, in a real browser."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.desk import PHONE, Desk, Person
from tests.engine.casework.world import ACCEPT, DISPATCH, World

pytestmark = pytest.mark.browser
TITLE = "南湖小区三单元楼道灯不亮"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo on somebody's disk."""
    path = tmp_path / "现场照片.jpg"
    Image.new("RGB", (640, 480), (120, 140, 110)).save(path)
    return path


def report(worker: Person) -> None:
    """Fill in what was found."""
    worker.go("/")
    worker.press("登记")
    worker.write("事件标题", TITLE)
    worker.write("事项类别", "住房物业")
    worker.write("场所类型", "住宅小区")
    worker.write("具体情况", "三单元楼道灯坏了一周，老人晚上出行不便。")
    worker.choose("来源", "群众反映")
    worker.choose("有反映人需要反馈", "是")
    worker.write("反映人姓名", "赵小满")
    worker.write("反映人电话", "13893612345")


def test_it_settles_a_ticket_on_the_spot_on_a_phone(desk: Desk, photo: Path) -> None:
    worker = desk.person("worker", **PHONE)
    worker.look("phone-workbench-empty")
    report(worker)
    worker.choose("已当场办结（即办）", "是")
    worker.write("即办情况", "当场更换灯泡，已恢复照明。")
    worker.attach("现场照片", photo)
    worker.look("phone-report")
    worker.fits()
    worker.press("提交登记")

    worker.reads("已登记，编号")
    worker.reads("事项已办结")
    worker.reads("即办办结")
    worker.fits()
    worker.look("phone-settled")


def accept(leader: Person) -> None:
    """Judge the report and hand it up."""
    leader.page.get_by_text(TITLE).click()
    leader.reads("签收后由您办理")
    leader.look("accept-unsigned")
    leader.press("签收")
    leader.choose("核实方式", "到场查看")
    leader.write("核实情况", "情况属实，村里没有维修资金。")
    leader.choose("受理意见", "上报分流")
    leader.write("上报理由", "需要物业维修资金。")
    leader.look("accept-form")
    leader.press("提交")
    leader.reads("已提交，后续环节：分流派单")


def dispatch(dispatcher: Person) -> None:
    """Send it to the department of the triage table."""
    dispatcher.go("/?queue=to_sign")
    dispatcher.look("dispatcher-workbench")
    dispatcher.page.get_by_text(TITLE).click()
    dispatcher.press("签收")
    dispatcher.choose("主办单位确定方式", "按分流表")
    dispatcher.write("办理要求", "三日内修复并答复反映人。")
    dispatcher.look("dispatch-form")
    dispatcher.press("提交")
    dispatcher.reads("已提交，后续环节：处置")


def handle(handler: Person, photo: Path) -> None:
    """Do the work and answer."""
    handler.go("/?queue=to_sign")
    handler.page.get_by_text(TITLE).click()
    handler.press("签收")
    handler.choose("处置结果", "已处置")
    handler.write("处置措施和结果", "更换灯具两盏，恢复照明。")
    today = handler.page.evaluate("new Date().toLocaleDateString('sv')")
    handler.write("开始日期", today)
    handler.write("完成日期", today)
    handler.write("答复内容", "楼道灯已修好，感谢反映。")
    handler.attach("处置后照片", photo)
    handler.look("handle-form")
    handler.press("提交")
    handler.reads("已提交，后续环节：跟踪")


def follow_up(worker: Person, photo: Path) -> None:
    """Look again on the spot, then answer the reporter."""
    now = worker.page.evaluate("new Date().toLocaleString('sv').slice(0, 16).replace(' ', 'T')")
    worker.go("/?queue=to_sign")
    worker.page.get_by_text(TITLE).click()
    worker.press("签收")
    worker.write("走访时间", now)
    worker.choose("核实结果", "已解决")
    worker.write("现场情况", "灯已亮，老人表示方便了。")
    worker.attach("现场照片", photo)
    worker.press("提交")
    worker.reads("已提交，后续环节：反馈")
    worker.press("签收")
    worker.choose("反馈方式", "当面")
    worker.write("反馈时间", now)
    worker.write("反馈内容", "已告知反映人修好。")
    worker.press("提交")
    worker.reads("已提交，后续环节：评价")


@pytest.mark.parametrize("live", ["sqlite", "postgresql"], indirect=True)
def test_it_brings_a_ticket_from_report_to_rating(desk: Desk, photo: Path) -> None:
    worker = desk.person("worker")
    report(worker)
    worker.attach("现场照片", photo)
    worker.look("report-form")
    worker.press("提交登记")
    worker.reads("已登记，编号")
    worker.look("reported")

    desk.live.work()
    leader = desk.person("grid_leader")
    leader.go("/?queue=to_sign")
    leader.look("grid-leader-workbench")
    accept(leader)
    dispatch(desk.person("dispatcher"))
    handle(desk.person("handler"), photo)
    follow_up(worker, photo)

    caller = desk.person("dispatcher")
    caller.go("/?queue=to_sign")
    caller.page.get_by_text(TITLE).click()
    caller.press("签收")
    caller.choose("是否满意", "满意")
    caller.look("rate-form")
    caller.press("提交")
    caller.reads("已提交，事项办结")
    caller.look("closed")
    for tab, name in (("办理记录", "story"), ("材料", "materials")):
        caller.page.get_by_role("link", name=tab, exact=True).click()
        caller.page.wait_for_load_state()
        caller.look(name)
    caller.page.get_by_role("link", name="流程图", exact=True).click()
    caller.page.locator("[data-diagram][data-ready]").wait_for()
    caller.look("diagram")


def test_it_brings_a_late_ticket_before_leader_and_supervisor(desk: Desk) -> None:
    def walk(world: World) -> None:
        case_id = world.open(summary=TITLE)
        world.complete("grid_leader", case_id, ACCEPT)
        world.complete("dispatcher", case_id, DISPATCH)

    desk.live.run(walk, days_ago=32)
    desk.live.work()

    supervisor = desk.person("county_supervisor")
    supervisor.go("/notices")
    supervisor.reads(TITLE)
    supervisor.look("supervisor-notices")
    supervisor.go("/?queue=to_sign")
    supervisor.page.get_by_text(TITLE).click()
    supervisor.reads("督办")
    supervisor.press("签收")
    supervisor.choose("超期原因", "推诿拖延")
    supervisor.choose("督办措施", "限期办结")
    supervisor.write("要求办结日期", f"{date.today() + timedelta(days=7)}")
    supervisor.write("督办要求", "请于限期内办结并书面说明。")
    supervisor.look("supervise-form")
    supervisor.press("提交")
    supervisor.reads("已提交")

    leader = desk.person("department_leader")
    leader.go("/notices")
    leader.reads(TITLE)
    # The newest may be of a supervision notice; the oldest is of the step itself.
    leader.page.get_by_text(TITLE).last.click()
    leader.reads("处置")
    leader.page.get_by_role("link", name="办理记录", exact=True).click()
    leader.reads("升级")
    leader.look("late-story")
    handler = desk.person("handler")
    handler.go("/?queue=late")
    handler.look("handler-late")
    handler.page.get_by_text(TITLE).click()
    handler.press("签收")
    handler.reads("处置结果")
