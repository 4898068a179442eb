"""What only a browser shows: scripts, drafts, lost sessions, phones, English, no scripts at all."""

from __future__ import annotations

import re

import pytest

from tests.browser.desk import PHONE, Desk, Person
from tests.engine.casework.world import ACCEPT, DISPATCH
from tests.engine.records.footage import PLACE, android
from tests.webapp.site import PASSWORD

pytestmark = pytest.mark.browser
TITLE = "南湖小区三单元楼道灯不亮"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def at_accept(desk: Desk, **options: object) -> tuple[Person, str]:
    """The grid leader on the page of a ticket that is signed for."""
    case_id = desk.live.run(lambda world: world.open(summary=TITLE))
    leader = desk.person("grid_leader", **options)
    leader.go(f"/cases/{case_id}")
    leader.press("签收")
    leader.reads("核实方式")
    return leader, f"/cases/{case_id}"


def test_it_shows_the_entrance_with_the_logins_of_the_demo(desk: Desk) -> None:
    stranger = desk.stranger()
    stranger.go("/")
    stranger.look("login")
    stranger.page.get_by_role("button", name=re.compile("网格长")).click()
    stranger.page.wait_for_url(desk.live.url + "/")
    stranger.reads("暂无在办任务")

    phone = desk.stranger(**PHONE)
    phone.go("/login")
    phone.fits()
    phone.look("phone-login")


RECORD = """async () => {
  const canvas = Object.assign(document.createElement('canvas'), {width: 64, height: 48});
  const brush = canvas.getContext('2d');
  const tape = new MediaRecorder(canvas.captureStream(25), {mimeType: 'video/mp4'});
  const parts = [];
  tape.ondataavailable = (event) => parts.push(event.data);
  const stopped = new Promise((done) => { tape.onstop = done; });
  tape.start();
  for (let frame = 0; frame < 20; frame += 1) {
    brush.fillStyle = `rgb(${frame * 12} 0 0)`;
    brush.fillRect(0, 0, 64, 48);
    await new Promise((done) => setTimeout(done, 40));
  }
  tape.stop();
  await stopped;
  return Array.from(new Uint8Array(await new Blob(parts).arrayBuffer()));
}"""
PLAYED = """async (video) => {
  video.muted = true;
  await video.play();
  await new Promise((done) => { video.onended = done; });
  return [video.videoWidth, video.videoHeight, video.error];
}"""


def test_it_plays_a_recorded_film_without_the_place_in_it(desk: Desk) -> None:
    """A real recording of the browser, told where it was made as a phone tells it."""
    leader, path = at_accept(desk)
    tape = bytes(leader.page.evaluate(RECORD))
    moov = tape.index(b"moov") - 4
    end = moov + int.from_bytes(tape[moov : moov + 4], "big")
    longer = (end - moov + len(android())).to_bytes(4, "big")
    tape = tape[:moov] + longer + tape[moov + 4 : end] + android() + tape[end:]

    leader.go(f"{path}/materials")
    sent = {"name": "现场.mp4", "mimeType": "video/mp4", "buffer": tape}
    leader.page.locator("#file").set_input_files(sent)
    leader.reads("拍摄于 38.784, 101.0885")
    film = leader.page.locator(".materials video")
    assert film.evaluate(PLAYED) == [64, 48, None]
    stored = leader.page.request.get(desk.live.url + film.get_attribute("src"))
    assert len(stored.body()) == len(tape) and PLACE.encode() not in stored.body()


@pytest.mark.parametrize("tab", ["remarks", "work"])
def test_it_shows_a_phone_the_tab_that_one_is_on(desk: Desk, tab: str) -> None:
    """And the words of a button stand in its middle, however high a thumb wants it."""
    leader, path = at_accept(desk, **PHONE)
    leader.go(f"{path}/{tab}" if tab != "work" else path)
    here = leader.page.locator(".tabs [aria-current]").bounding_box()
    assert here is not None and here["x"] >= 0 and here["x"] + here["width"] <= 360
    leader.go("/")
    offsets = leader.page.locator("a.btn, summary.btn, button.btn").evaluate_all(OFF_CENTRE)
    assert offsets and max(offsets) <= 2


OFF_CENTRE = """buttons => buttons.filter(one => one.offsetParent).map(one => {
  const words = document.createRange();
  words.selectNodeContents(one);
  const [inner, outer] = [words.getBoundingClientRect(), one.getBoundingClientRect()];
  return Math.abs(inner.top + inner.height / 2 - outer.top - outer.height / 2);
})"""


def test_it_reveals_fields_as_one_chooses(desk: Desk) -> None:
    leader, _path = at_accept(desk)
    reason = leader.page.locator('[data-name="refusal_reason"]')
    reason.wait_for(state="hidden")

    leader.choose("受理意见", "不予受理")
    reason.wait_for(state="visible")
    leader.choose("受理意见", "村内办理")
    reason.wait_for(state="hidden")


def test_it_saves_a_draft_by_itself(desk: Desk) -> None:
    leader, path = at_accept(desk)
    leader.write("核实情况", "写到一半就被叫走了")
    leader.page.get_by_text("已自动保存草稿").wait_for()

    leader.go(path)
    control = leader.page.locator('[data-name="check_note"] textarea')
    assert control.input_value() == "写到一半就被叫走了"
    leader.reads("草稿保存于")


def test_it_keeps_what_was_typed_when_the_session_is_lost(desk: Desk) -> None:
    leader, _path = at_accept(desk)
    leader.choose("核实方式", "电话核实")
    leader.write("核实情况", "电话里说得很清楚")
    leader.choose("受理意见", "村内办理")
    leader.page.context.clear_cookies()
    leader.press("提交")
    leader.reads("您的提交尚未生效")
    leader.look("session-lost")

    leader.page.locator("#login").fill("grid_leader")
    leader.page.locator("#password").fill(PASSWORD)
    leader.press("登录并继续")
    leader.reads("请确认提交")
    leader.look("session-again")
    leader.press("重新提交")
    leader.reads("已提交，后续环节：处置（村内）")


def test_it_works_without_any_script(desk: Desk) -> None:
    leader, _path = at_accept(desk, java_script_enabled=False)
    leader.choose("核实方式", "到场查看")
    leader.write("核实情况", "情况属实。")
    leader.choose("受理意见", "上报分流")
    leader.press("提交")
    leader.reads("有 1 处需要修改")
    leader.write("上报理由", "村里没有设备。")
    leader.press("提交")
    leader.reads("已提交，后续环节：分流派单")


def test_it_marks_errors_where_they_are(desk: Desk) -> None:
    leader, _path = at_accept(desk)
    # As if the browser did not check by itself.
    leader.page.evaluate("document.getElementById('task-form').noValidate = true")
    leader.choose("核实方式", "到场查看")
    leader.press("提交")
    leader.reads("有 2 处需要修改")
    leader.look("form-errors")
    leader.page.get_by_role("link", name="请填写：核实情况").click()
    focused = leader.page.evaluate("document.activeElement.name || location.hash")
    assert focused in ("check_note", "#field-check_note")


def test_it_fits_a_phone(desk: Desk) -> None:
    leader, path = at_accept(desk, **PHONE)
    for where, name in (("", "case"), ("/story", "story"), ("/materials", "materials")):
        leader.go(path + where)
        leader.fits()
        leader.look(f"phone-{name}")
    for where, name in (("/", "workbench"), ("/cases", "cases"), ("/notices", "notices")):
        leader.go(where)
        leader.fits()
        leader.look(f"phone-{name}")
    bar = leader.page.get_by_role("navigation", name="主导航").get_by_role("link")
    assert 2 <= len([one for one in bar.all() if one.is_visible()]) <= 5
    leader.go(path + "/diagram")
    leader.page.locator("[data-diagram][data-ready]").wait_for()
    leader.fits()
    leader.look("phone-diagram")


def test_it_speaks_english_when_asked(desk: Desk) -> None:
    leader, path = at_accept(desk)
    leader.page.locator("details.menu summary").filter(has_text="员工").click()
    leader.press("English")
    leader.page.wait_for_load_state()
    assert leader.page.evaluate("document.documentElement.lang") == "en"
    for where, name in (("/", "workbench"), (path, "case"), (path + "/story", "story")):
        leader.go(where)
        leader.look(f"english-{name}")
    leader.go(path)
    words = [
        *leader.page.locator("label, legend, button, dt, th, .tabs a, .rail a").all_inner_texts()
    ]
    mixed = [text for text in words if CHINESE.search(text) and "简体中文" not in text]
    assert mixed == []


def test_it_shows_overseers_their_area(desk: Desk) -> None:
    first = desk.live.run(lambda world: world.open(summary=TITLE))
    desk.live.run(lambda world: world.complete("grid_leader", first, ACCEPT))
    desk.live.run(lambda world: world.complete("dispatcher", first, DISPATCH))
    desk.live.run(lambda world: world.open(summary="水渠堵塞"))
    for login in ("town_leader", "county_supervisor"):
        person = desk.person(login)
        for path, name in (("/cases", "cases"), ("/supervision", "supervision")):
            person.go(path)
            person.look(f"{login}-{name}")
        person.go("/cases?q=水渠")
        person.page.get_by_text("水渠堵塞").wait_for()
        assert person.page.get_by_text(TITLE).count() == 0


def test_it_answers_gently_for_what_is_not_there(desk: Desk) -> None:
    worker = desk.person("worker")
    worker.go("/cases/123")
    worker.reads("未找到")
    worker.look("not-found")
    worker.go("/profile")
    worker.look("profile")


def test_it_asks_before_a_move_that_undoes_something(desk: Desk) -> None:
    leader, path = at_accept(desk)
    leader.page.locator(".case-head details.menu summary").click()
    leader.page.get_by_role("link", name="退回…").click()
    leader.reads("事项在所选环节重新办理")
    leader.look("return")
    leader.write("退回原因", "请补充现场照片。")
    leader.press("确认退回")
    leader.reads("已退回")

    second = desk.live.run(lambda world: world.open(summary="水渠堵塞"))
    worker = desk.person("worker")
    worker.go(f"/cases/{second}")
    worker.page.locator(".case-head details.menu summary").click()
    worker.page.get_by_role("link", name="反映人撤回…").click()
    worker.reads("撤回原因")
    worker.look("withdraw")
    worker.go(path + "/materials")
    worker.look("materials-empty")


def test_it_lets_a_person_choose_what_to_register_and_change_the_password(desk: Desk) -> None:
    worker = desk.person("worker")
    worker.go("/profile")
    worker.page.locator("#current").fill("wrong")
    worker.page.locator("#password").fill("short")
    worker.page.locator("#repeated").fill("short2")
    worker.press("修改密码")
    worker.reads("当前密码不正确")
    worker.look("profile-errors")
