"""The menus of the diagram editor, each entry of each with the mouse, on one page.

Every entry is pressed, must change what is drawn, and is taken back; what a menu makes is what it
said: the panel beside the diagram names the new kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import TimeoutError

from tests.browser.desk import Desk
from tests.browser.live import Live
from tests.browser.policydesk import PICTURE, Editor, begin, editor_of, imported
from tests.browser.test_policy_menus import pressed

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
SCRIPT = re.compile(r'<(?:\w+:)?scriptTask id="step"')
# Kind, id, what stands in it, place and size.
PARTS = (
    ("startEvent", "begins", "", 230, 120, 36, 36),
    ("userTask", "step", "", 300, 98, 100, 80),
    ("exclusiveGateway", "choice", "", 440, 113, 50, 50),
    ("subProcess", "inner", "", 530, 88, 130, 100),
    ("intermediateThrowEvent", "passes", "", 700, 120, 36, 36),
    ("endEvent", "ends", "", 770, 120, 36, 36),
    ("callActivity", "called", "", 300, 330, 100, 80),
)
# What each entry of the menu of a step makes, and what the panel then calls it.
KINDS = {
    "replace-with-task": "人工环节",
    "replace-with-user-task": "人工环节",
    "replace-with-service-task": "系统动作",
    "replace-with-send-task": "发送",
    "replace-with-receive-task": "等待消息",
    "replace-with-manual-task": "人工环节",
    "replace-with-rule-task": "决策表",
    "replace-with-script-task": "计算",
    "replace-with-call-activity": "调用流程",
    "replace-with-collapsed-subprocess": "子流程",
    "replace-with-expanded-subprocess": "子流程",
}


def picture() -> str:
    """A small diagram in which everything lies within the window."""
    nodes = "".join(
        f'<bpmn:{kind} id="{key}" name="{key}">{inner}</bpmn:{kind}>'
        for kind, key, inner, *_ in PARTS
    )
    edge = '<bpmn:boundaryEvent id="edge" attachedToRef="step"><bpmn:timerEventDefinition/>'
    keys = [key for _, key, *_ in PARTS]
    flows = "".join(
        f'<bpmn:sequenceFlow id="f{number}" sourceRef="{one}" targetRef="{other}"/>'
        for number, (one, other) in enumerate(zip(keys[:5], keys[1:6], strict=True))
    )
    lanes = "".join(
        f'<bpmn:lane id="{lane}" name="{lane}">{refs}</bpmn:lane>'
        for lane, refs in (
            (
                "upper",
                "".join(
                    f"<bpmn:flowNodeRef>{key}</bpmn:flowNodeRef>" for key in [*keys[:6], "edge"]
                ),
            ),
            ("lower", "<bpmn:flowNodeRef>called</bpmn:flowNodeRef>"),
        )
    )
    shapes = [(key, *box) for _, key, _, *box in PARTS]
    shapes += [("edge", 332, 160, 36, 36), ("pool", 150, 60, 700, 420)]
    shapes += [("upper", 180, 60, 670, 230), ("lower", 180, 290, 670, 190)]
    drawn = "".join(
        f'<bpmndi:BPMNShape id="{key}_di" bpmnElement="{key}" isHorizontal="true"'
        f' isExpanded="true"><dc:Bounds x="{x}" y="{y}" width="{w}" height="{h}"/>'
        "</bpmndi:BPMNShape>"
        for key, x, y, w, h in shapes
    )
    boxes = {key: box for _, key, _, *box in PARTS}
    lines = "".join(
        f'<bpmndi:BPMNEdge id="f{number}_di" bpmnElement="f{number}">'
        f'<di:waypoint x="{boxes[one][0] + boxes[one][2]}" y="138"/>'
        f'<di:waypoint x="{boxes[other][0]}" y="138"/></bpmndi:BPMNEdge>'
        for number, (one, other) in enumerate(zip(keys[:5], keys[1:6], strict=True))
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
 xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
 xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="D" targetNamespace="urn:other">
<bpmn:collaboration id="c"><bpmn:participant id="pool" processRef="ticket"/></bpmn:collaboration>
<bpmn:process id="ticket" name="菜单" isExecutable="true">
<bpmn:laneSet id="l">{lanes}</bpmn:laneSet>{nodes}{edge}</bpmn:boundaryEvent>{flows}</bpmn:process>
<bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="pl" bpmnElement="c">{drawn}{lines}
</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>"""


class Canvas:
    """What is drawn, and the menus beside what is chosen."""

    def __init__(self, editor: Editor) -> None:
        self.editor, self.page = editor, editor.page
        self.pressed: list[str] = []

    def drawn(self) -> str:
        """Everything that is drawn, without what is only chosen."""
        return str(
            self.page.evaluate(
                "() => [...document.querySelectorAll('.djs-element')].map((one) =>"
                " one.dataset.elementId + one.getAttribute('transform')"
                " + one.querySelector('.djs-visual')?.outerHTML).sort().join()"
                ".replace(/marker-\\w+/g, '')"
            )
        )

    def entries(self, menu: str, key: str) -> list[str]:
        """The entries of a menu, by what they are called in the page."""
        return [
            str(one)
            for one in self.page.evaluate(
                f"() => [...document.querySelectorAll('{menu} .entry')]"
                f".map((one) => one.dataset.{key}).filter(Boolean)"
            )
        ]

    def choose(self, element: str) -> None:
        """Click an element, and wait for its pad."""
        self.page.keyboard.press("Escape")
        place = self.page.locator(f'.djs-element[data-element-id="{element}"] .djs-hit').first
        # Pools and lanes are held by their heads.
        position: Any = {"x": 12, "y": 60} if element in ("pool", "upper") else None
        pad = self.page.locator(".djs-context-pad .entry").first
        for _ in range(6):
            place.click(force=True, position=position)
            with suppress(TimeoutError):
                pad.wait_for(timeout=1_000)
                return
        raise AssertionError(f"{element} cannot be chosen")

    def pad(self, entry: str) -> None:
        """Press an entry of the pad."""
        pressed(self.page, self.page.locator(f'.djs-context-pad .entry[data-action="{entry}"]'))

    def menu(self, entry: str) -> None:
        """Press an entry of the open menu."""
        pressed(self.page, self.page.locator(f'.djs-popup .entry[data-id="{entry}"]').first)

    def changes(self, name: str, act: Callable[[], None]) -> None:
        """Do it, see that the drawing changes, and take it back."""
        before = self.drawn()
        act()
        assert self.until(lambda now: now != before), f"{name} changes nothing"
        self.pressed.append(name)
        self.undo(before, name)

    def until(self, fits: Callable[[str], bool]) -> bool:
        """Whether the drawing soon is as it should be."""
        for _ in range(20):
            if fits(self.drawn()):
                return True
            self.page.wait_for_timeout(50)
        return False

    def undo(self, before: str, name: str) -> None:
        """Take it back, with whatever came with it."""
        self.page.keyboard.press("Escape")
        for _ in range(4):
            pressed(self.page, self.page.locator('[data-act="undo"]').first)
            if self.until(lambda now: now == before):
                return
        raise AssertionError(f"{name} cannot be taken back")


def test_each_entry_of_each_menu_is_used_with_the_mouse(
    live: Live, desk: Desk, tmp_path: Path
) -> None:
    editor = editor_of(desk, begin(live))
    # All of it in sight: what is found wrong with the picture takes its place below it.
    editor.page.set_viewport_size({"width": 1600, "height": 1200})
    file = tmp_path / "menus.bpmn"
    file.write_text(picture(), "utf-8")
    imported(editor, file)
    editor.page.locator('.djs-element[data-element-id="step"]').wait_for()
    canvas = Canvas(editor)
    for element in (
        "step",
        "begins",
        "passes",
        "ends",
        "edge",
        "choice",
        "inner",
        "called",
        "pool",
    ):
        _replace(canvas, element)
    for element in ("step", "choice", "inner", "edge", "begins", "ends", "f1", "upper", "pool"):
        _pad(canvas, element)
    _palette(canvas)

    assert len(canvas.pressed) > 90, canvas.pressed
    canvas.choose("step")
    canvas.pad("replace")
    with editor.page.expect_response(_brings_the_script, timeout=60_000) as answer:
        canvas.menu("replace-with-script-task")
    assert answer.value.ok
    assert SCRIPT.search(editor.file())


def _brings_the_script(answer: Any) -> bool:
    """Whether the server answers to a diagram with the script."""
    request = answer.request
    if request.method != "PUT" or answer.status == 503:
        return False
    return bool(SCRIPT.search(request.post_data_json["files"].get(PICTURE) or ""))


def _replace(canvas: Canvas, element: str) -> None:
    """Each entry of the menu that makes something else of it."""
    canvas.choose(element)
    canvas.pad("replace")
    canvas.page.locator(".djs-popup .entry").first.wait_for()
    for entry in canvas.entries(".djs-popup", "id"):

        def act(entry: str = entry) -> None:
            canvas.choose(element)
            canvas.pad("replace")
            canvas.menu(entry)
            if element == "step" and entry in KINDS:
                head = canvas.editor.part("panel").locator("h2").first
                head.filter(has_text=KINDS[entry]).wait_for(timeout=5_000)

        canvas.changes(f"{element}: {entry}", act)


def _pad(canvas: Canvas, element: str) -> None:
    """Each entry of the pad: what it appends, connects and removes."""
    canvas.choose(element)
    for entry in canvas.entries(".djs-context-pad", "action"):
        if entry == "replace" or (element, entry) == ("pool", "connect"):
            # Made above; and a single pool has nothing to send messages to.
            continue

        def act(entry: str = entry) -> None:
            canvas.choose(element)
            canvas.pad(entry)
            if entry == "connect":
                other = "called" if element != "called" else "step"
                pressed(canvas.page, canvas.page.locator(f'[data-element-id="{other}"] .djs-hit'))

        canvas.changes(f"{element}: {entry}", act)


def _palette(canvas: Canvas) -> None:
    """What is taken from the palette is put down where one clicks next."""
    page = canvas.page
    for entry in canvas.entries(".djs-palette", "action"):
        if not entry.startswith("create."):
            continue

        def act(entry: str = entry) -> None:
            pressed(page, page.locator(f'.djs-palette .entry[data-action="{entry}"]'))
            # A pool goes beside the one there is, everything else into it.
            beside = entry == "create.participant-expanded"
            lane = page.locator(f'[data-element-id="{"upper" if beside else "lower"}"]').first
            box: Any = lane.bounding_box()
            x, y = box["x"] + 480, box["y"] + (-40 if beside else 90)
            page.mouse.move(x - 20, y - 20)
            page.mouse.move(x, y, steps=4)
            page.mouse.click(x, y)

        canvas.changes(f"palette: {entry}", act)
