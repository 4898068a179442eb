"""The menus of the editors are used with the mouse alone, and a foreign picture is fixed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.desk import Desk
from tests.browser.live import Live
from tests.browser.policydesk import PICTURE, Editor, begin, editor_of, imported

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
TABLE = "processes/ticket/triage.dmn"
FOREIGN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
 xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
 xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="D" targetNamespace="urn:other">
<bpmn:process id="Process_1" name="复查" isExecutable="true"><bpmn:startEvent id="s"/>
<bpmn:userTask id="first" name="登记"/><bpmn:userTask id="a" name="办理"/>
<bpmn:userTask id="b" name="告知"/>
<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="first"/>
<bpmn:sequenceFlow id="g" sourceRef="first" targetRef="a"/>
<bpmn:sequenceFlow id="h" sourceRef="first" targetRef="b"/></bpmn:process>
<bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="pl" bpmnElement="Process_1">
<bpmndi:BPMNShape id="s_" bpmnElement="s"><dc:Bounds x="100" y="100" width="36" height="36"/>
</bpmndi:BPMNShape><bpmndi:BPMNShape id="f_" bpmnElement="first">
<dc:Bounds x="200" y="78" width="100" height="80"/></bpmndi:BPMNShape>
<bpmndi:BPMNShape id="a_" bpmnElement="a"><dc:Bounds x="600" y="20" width="100" height="80"/>
</bpmndi:BPMNShape><bpmndi:BPMNShape id="b_" bpmnElement="b">
<dc:Bounds x="600" y="140" width="100" height="80"/></bpmndi:BPMNShape>
<bpmndi:BPMNEdge id="fe" bpmnElement="f"><di:waypoint x="136" y="118"/>
<di:waypoint x="200" y="118"/></bpmndi:BPMNEdge>
<bpmndi:BPMNEdge id="ge" bpmnElement="g"><di:waypoint x="300" y="118"/>
<di:waypoint x="600" y="60"/></bpmndi:BPMNEdge>
<bpmndi:BPMNEdge id="he" bpmnElement="h"><di:waypoint x="300" y="118"/>
<di:waypoint x="600" y="180"/></bpmndi:BPMNEdge></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>"""


def pressed(page: Any, place: Any) -> None:
    """Move there as a hand does, press and let go: what the press closes is gone by then."""
    place.hover()
    page.mouse.down()
    page.mouse.up()


def table_of(live: Live, desk: Desk) -> Editor:
    """The table of a draft, open."""
    editor = editor_of(desk, begin(live))
    editor.page.locator('[data-tab="table"]').click()
    editor.page.locator(".tjs-container th.input-cell").first.wait_for()
    return editor


@pytest.mark.parametrize("column", ["input", "output"])
def test_the_type_of_a_column_is_chosen_with_the_mouse(live: Live, desk: Desk, column: str) -> None:
    editor = table_of(live, desk)
    page = editor.page
    before = editor.file(TABLE).count('typeRef="date"')
    page.locator(f"th.{column}-cell").first.dblclick()
    pressed(page, page.locator(".type-ref-edit-select .dms-input").first)
    with editor.saving():
        pressed(page, page.locator('.dms-select-options .option[data-value="date"]'))

    assert editor.file(TABLE).count('typeRef="date"') == before + 1


def test_the_hit_policy_is_chosen_with_the_mouse(live: Live, desk: Desk) -> None:
    editor = table_of(live, desk)
    page = editor.page
    assert "RULE ORDER" not in editor.file(TABLE)
    pressed(page, page.locator(".hit-policy-edit-policy-select .dms-input").first)
    with editor.saving():
        pressed(page, page.locator(".dms-select-options .option").filter(has_text="按行的先后"))

    assert "RULE ORDER" in editor.file(TABLE)


def test_a_step_becomes_another_kind_with_the_mouse(live: Live, desk: Desk) -> None:
    editor = editor_of(desk, begin(live))
    page = editor.page
    task = re.search(r'<(?:\w+:)?userTask id="(\w+)"', editor.file())
    assert task is not None
    editor.choose(task[1])
    pressed(page, page.locator('.djs-context-pad .entry[data-action="replace"]'))
    with editor.saving():
        pressed(page, page.locator('.djs-popup .entry[data-id="replace-with-manual-task"]'))

    assert re.search(rf'<(?:\w+:)?manualTask id="{task[1]}"', editor.file())


def test_a_picture_of_another_program_is_mended_by_two_presses(
    live: Live, desk: Desk, tmp_path: Path
) -> None:
    editor = editor_of(desk, begin(live))
    foreign = tmp_path / "foreign.bpmn"
    foreign.write_text(FOREIGN, "utf-8")
    imported(editor, foreign)
    editor.finds("流程编号是“Process_1”")
    with editor.saving():
        editor.mend("改编号为 ticket")
    with editor.saving():
        editor.mend("在后面加一个排他网关")
    drawn = editor.file(PICTURE)

    assert "Process_1" not in drawn and 'id="ticket"' in drawn
    assert 'bpmnElement="ticket"' in drawn
    gateway = re.search(r'exclusiveGateway id="(\w+)"', drawn)
    assert gateway is not None
    for flow in "gh":
        assert re.search(rf'id="{flow}"[^>]*sourceRef="{gateway[1]}"', drawn)
