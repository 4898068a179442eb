"""Our scripts in a real browser, on pages of their own, under the site's security policy."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from webapp.assets import DIST, asset_path
from webapp.security import POLICY

HEAD = (
    '<!doctype html><html lang="zh-CN" data-now="{now}"><meta charset="utf-8"><title>试</title>'
    f'<link rel="stylesheet" href="/{asset_path("theme.css")}">'
    f'<link rel="stylesheet" href="/{asset_path("viewer.css")}">'
    f'<script type="module" src="/{asset_path("app.js")}"></script>'
    f'<script type="module" src="/{asset_path("viewer.js")}"></script>'
)
KINDS = {".js": "text/javascript", ".css": "text/css"}
NOON = "2026-11-22T12:00:00Z"


class Pages(BaseHTTPRequestHandler):
    """One page, the built files, and a memory of what was posted."""

    body = ""
    files: dict[str, str] = {}
    bodies: list[str] = []

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path.startswith("/dist/"):
            file = DIST / path.removeprefix("/dist/")
            self.answer(file.read_bytes(), KINDS.get(file.suffix, "application/octet-stream"))
        elif path in self.files:
            self.answer(self.files[path].encode(), "application/xml")
        else:
            self.answer((HEAD.format(now=NOON) + self.body).encode(), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if self.path == "/slow":
            time.sleep(2.5)
        self.answer(b"{}", "application/json")

    def answer(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        policy = "; ".join(f"{name} {value}" for name, value in POLICY.items())
        self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def show(page, page_problems) -> Iterator[Callable[..., None]]:
    """``show(html)`` opens it as a page; nothing may have gone wrong on it in the end."""
    Pages.bodies, Pages.files = [], {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def open_page(body: str, **files: str) -> None:
        Pages.body, Pages.files = body, {f"/{name}": text for name, text in files.items()}
        page.goto(f"http://127.0.0.1:{server.server_port}/")

    yield open_page
    server.shutdown()
    assert page_problems == []


FORM = """<form method="post" data-draft-url="/draft">
<div class="field" data-name="kind" data-kind="choice"><select name="kind" id="kind">
  <option value=""></option><option>噪音</option><option>其他</option></select></div>
<div class="field" data-name="people" data-kind="number"><input name="people" id="people"></div>
<div class="field" data-name="why" data-kind="text" data-required
  data-show-when='kind = "其他" and people &gt;= 3'>
  <label class="field-label" for="why">说明</label><input name="why" id="why" required></div>
<div class="field" data-name="phone" data-kind="phone" data-required-when='people &gt; 10'>
  <input name="phone" id="phone"></div>
<output data-draft-note data-saved="{time} 已保存" data-failed="未保存"></output>
<button>提交</button></form>"""


def test_it_shows_and_requires_fields_by_other_answers(show, page):
    show(FORM)
    page.wait_for_selector("#why", state="hidden")
    assert not page.eval_on_selector("#why", "input => input.required")

    page.select_option("#kind", "其他")
    page.fill("#people", "3")
    page.wait_for_selector("#why", state="visible")
    assert page.eval_on_selector("#why", "input => input.required")
    assert not page.eval_on_selector("#phone", "input => input.required")

    page.fill("#people", "11")
    assert page.eval_on_selector("#phone", "input => input.required")


ROWS = """<form method="post"><div class="field" data-name="people" data-kind="list">
<div class="repeat-row">
  <div class="field" data-name="people-0-role" data-kind="choice" data-default='["人"]'>
    <input type="radio" name="people-0-role" value="人" id="man" checked>
    <input type="radio" name="people-0-role" value="单位" id="firm"></div>
  <div class="field" data-name="people-0-name" data-kind="text">
    <input name="people-0-name" id="name"></div>
  <div class="field" data-name="people-0-paper" data-kind="text" data-show-when='role = "人"'>
    <input name="people-0-paper" id="paper"></div>
  <div class="field" data-name="people-0-met" data-kind="datetime"
    data-default='["2026-11-22T09:05"]'>
    <input name="people-0-met" id="met" value="2026-11-22T09:05"></div>
</div></div>
<div class="field" data-name="many" data-kind="text" data-show-when="count(people) &gt; 0">
  <input name="many" id="many"></div></form>"""


def test_it_takes_a_row_with_nothing_but_its_defaults_for_none(show, page):
    """As the server does: the conditions of the row follow the defaults, those of the list not."""
    show(ROWS)
    page.wait_for_selector("#many", state="hidden")
    assert page.is_visible("#paper")
    page.fill("#met", "2026-11-22T10:00")
    page.wait_for_selector("#many", state="hidden")
    for selector, typed, back in (
        ("#name", "李四", ""),
        ("#met", "2026-11-21T09:05", "2026-11-22T09:05"),
    ):
        page.fill(selector, typed)
        page.wait_for_selector("#many", state="visible")
        page.fill(selector, back)
        page.wait_for_selector("#many", state="hidden")
    page.check("#firm")
    page.wait_for_selector("#many", state="visible")
    page.wait_for_selector("#paper", state="hidden")


def test_it_keeps_a_draft_while_one_types(show, page):
    show(FORM)

    page.fill("#people", "12")

    expect(page.locator("output")).to_contain_text("已保存")
    assert len(Pages.bodies) == 1 and "12" in Pages.bodies[0]


def test_it_saves_one_draft_at_a_time(show, page):
    """An older draft must not come after a newer one, however slow the network is."""
    waiting = []
    page.route("**/draft", lambda route: waiting.append(route))
    show(FORM)

    page.fill("#people", "1")
    page.wait_for_timeout(2000)
    page.fill("#people", "12")
    page.wait_for_timeout(2000)
    assert len(waiting) == 1

    with page.expect_request("**/draft") as second:
        page.unroute("**/draft")  # lets the first one go
    assert "12" in (second.value.post_data or "")
    expect(page.locator("output")).to_contain_text("已保存")


def test_it_saves_no_draft_of_a_form_that_is_on_its_way(show, page):
    """What still changes while the server thinks is nobody's draft."""
    show(FORM.replace("<form ", '<form action="/slow" '))

    page.fill("#people", "1")
    page.evaluate(
        """() => {
            document.querySelector('button').click();
            const change = new Event('change', { bubbles: true });
            setTimeout(() => document.querySelector('#people').dispatchEvent(change), 50);
        }"""
    )
    page.wait_for_url("**/slow")

    assert len(Pages.bodies) == 1


def test_it_sends_a_form_once_however_often_one_clicks(show, page):
    show('<form method="post" action="/done"><button>提交</button></form>')

    page.evaluate("const b = document.querySelector('button'); b.click(); b.click(); b.click()")
    page.wait_for_url("**/done")

    assert len(Pages.bodies) == 1


LIVE = """<div id="live" hx-get="/live" hx-trigger="every 50ms" hx-swap="outerHTML">
<button type="button">催办</button></div>"""


def test_a_poll_does_not_let_a_form_be_sent_again(show, page):
    """Others' news may come while it is under way."""
    waiting = []
    page.route("**/done", lambda route: waiting.append(route))
    show('<form method="post" action="/done"><button>提交</button></form>' + LIVE, live=LIVE)
    page.evaluate(
        """() => {
            const send = document.querySelector('form button');
            let answers = 0;
            document.addEventListener('htmx:afterRequest', () => {
                answers += 1;
                if (answers === 2) send.click();
            });
            send.click();
        }"""
    )
    for _answer in range(3):
        with page.expect_response("**/live"):
            pass
    page.unroute("**/done")  # lets it go
    page.wait_for_url("**/done")

    assert len(waiting) == len(Pages.bodies) == 1


def test_a_poll_takes_no_button_from_under_a_finger(show, page):
    """What is pressed stays until it is let go of; then the news comes."""
    show(LIVE, live=LIVE)
    page.evaluate(
        "() => { document.onclick = ({ target }) => { window.clicked = target.tagName } }"
    )
    page.hover("#live button")
    page.mouse.down()
    page.evaluate("() => { document.querySelector('#live button').dataset.mine = 'yes' }")
    for _answer in range(3):
        with page.expect_response("**/live"):
            pass
    assert page.locator("#live button[data-mine]").count() == 1
    page.mouse.up()

    assert page.evaluate("window.clicked") == "BUTTON"
    page.locator("#live button:not([data-mine])").wait_for()


def test_it_keeps_a_form_that_cannot_be_sent(show, page, page_problems):
    """Without a network the page stays, with what was typed; sent again it arrives once."""
    show(FORM.replace("<form ", '<form action="/done" '))
    page.wait_for_selector("#why", state="hidden")  # what conditions need has been loaded
    page.evaluate("document.documentElement.dataset.unsent = '尚未提交'")
    page.context.set_offline(True)
    page.fill("#people", "7")
    page.click("button")

    expect(page.get_by_role("alert")).to_have_text("尚未提交")
    assert page.input_value("#people") == "7" and Pages.bodies == []

    page.context.set_offline(False)
    page_problems.clear()  # the browser's own words about the missing network
    page.click("button")
    page.wait_for_url("**/done")
    assert sum("people=7" in body for body in Pages.bodies) == 1


def test_it_turns_lamps_by_the_servers_clock(show, page):
    lamp = '<span class="lamp lamp-green" id="{}" data-warn-at="2026-11-22T{}Z"'
    lamp += ' data-due="2026-11-22T{}Z" data-yellow="将到期" data-red="已超期">正常</span>'
    left = '<time id="left" data-due="2026-11-22T13:29:30Z"'
    left += ' data-left="还剩 {h} 小时 {m} 分"></time>'
    show(
        lamp.format("far", "14:00:00", "16:00:00")
        + lamp.format("soon", "11:00:00", "16:00:00")
        + lamp.format("late", "10:00:00", "11:59:59")
        + left
    )

    page.wait_for_selector("#late.lamp-red")
    words = [page.inner_text(f"#{name}") for name in ("far", "soon", "late")]
    assert words == ["正常", "将到期", "已超期"]
    assert page.inner_text("#left") == "还剩 1 小时 30 分"


def test_it_closes_menus_by_escape_and_by_clicking_elsewhere(show, page):
    menu = '<details class="menu"><summary>{0}</summary>'
    menu += '<div class="menu-list"><a href="/">{0}</a></div></details>'
    show("<main><h1>页</h1>" + menu.format("甲") + menu.format("乙") + "</main>")

    page.click("summary >> nth=0")
    page.click("summary >> nth=1")
    # What is opened closes the others a moment later.
    expect(page.locator("details[open] summary")).to_have_text(["乙"])

    page.keyboard.press("Escape")
    expect(page.locator("details[open]")).to_have_count(0)


DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="urn:t"
 xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:gov="urn:fengqiao:governance:1"
 xmlns:dc="http://www.omg.org/spec/DD/20100524/DC">
<process id="p"><userTask id="accept" name="受理"><extensionElements>
<gov:task form="t/accept" limit="2" limitUnit="working_days"/>
<gov:label lang="en">Accept</gov:label>
</extensionElements></userTask><userTask id="handle" name="处置"/></process>
<bpmndi:BPMNDiagram id="dd"><bpmndi:BPMNPlane id="dp" bpmnElement="p">
<bpmndi:BPMNShape id="s1" bpmnElement="accept">
<dc:Bounds x="0" y="0" width="100" height="80"/></bpmndi:BPMNShape>
<bpmndi:BPMNShape id="s2" bpmnElement="handle">
<dc:Bounds x="200" y="0" width="100" height="80"/></bpmndi:BPMNShape>
</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></definitions>"""
MARKS = '{"accept": {"state": "done", "text": "王某"}, "handle": {"state": "overdue"},'
MARKS += ' "gone": {"state": "done"}}'
WORDS = '{"done": "已完成", "overdue": "已超期"}'


@pytest.mark.parametrize(("language", "name"), [("zh", "受理"), ("en", "Accept")])
def test_it_draws_a_diagram_and_marks_steps_in_words(show, page, screenshot, language, name):
    show(
        f"<div class='diagram' role='group' aria-label='流程图' data-diagram='/d.bpmn'"
        f" data-language='{language}' data-marks='{MARKS}' data-words='{WORDS}'></div>",
        **{"d.bpmn": DIAGRAM},
    )

    page.wait_for_selector(".diagram[data-ready]")
    flags = page.locator(".step-flag").all_inner_texts()
    assert flags == ["✓ 已完成 王某", "■ 已超期"]
    assert name in (page.text_content('[data-element-id="accept"]') or "")
    screenshot(f"diagram-{language}")


def test_it_says_so_when_a_diagram_cannot_be_shown(show, page):
    broken = '<div class="diagram" data-diagram="/d.bpmn" data-failed="无法显示"></div>'
    show(broken, **{"d.bpmn": "<x/>"})

    expect(page.locator(".diagram")).to_have_text("无法显示")


TIMES = """<form method="post">
  <div class="field" data-name="begun" data-kind="date"><input name="begun" id="begun"></div>
  <div class="field" data-name="at" data-kind="datetime"><input name="at" id="at"></div>
  <div class="field" data-name="hour" data-kind="time"><input name="hour" id="hour"></div>
  <div class="field" data-name="took" data-kind="duration"><input name="took" id="took"></div>
  <div class="field" data-name="a" data-kind="text" id="a"
    data-show-when='begun &lt; date("2026-12-01")'><input name="a"></div>
  <div class="field" data-name="b" data-kind="text" id="b"
    data-show-when='at &gt; date and time("2026-11-22T16:00:00")'><input name="b"></div>
  <div class="field" data-name="c" data-kind="text" id="c"
    data-show-when='hour &gt;= time("09:00:00")'><input name="c"></div>
  <div class="field" data-name="d" data-kind="text" id="d"
    data-show-when='took &gt; duration("P2D")'><input name="d"></div>
  <span hidden data-last-day="2026-12-09"></span>
  <div class="field" data-name="e" data-kind="text" id="e"
    data-show-when='begun &gt; last_day'><input name="e"></div></form>"""


def test_it_decides_by_dates_and_lengths_of_time_as_the_server_does(show, page):
    """They are typed as texts and are none; what is none yet shows nothing."""
    show(TIMES)
    for name in "abcde":
        page.wait_for_selector(f"#{name}", state="hidden")
    for field, part, late, early in (
        ("begun", "a", "2026-11-30", "2026-12-01"),
        ("begun", "e", "2026-12-10", "2026-12-09"),
        ("at", "b", "2026-11-22T16:05", "2026-11-22T15:59"),
        ("hour", "c", "09:00", "08:59"),
        ("took", "d", "2天3小时", "47小时"),
    ):
        page.fill(f"#{field}", late)
        page.wait_for_selector(f"#{part}", state="visible")
        page.fill(f"#{field}", early)
        page.wait_for_selector(f"#{part}", state="hidden")
