"""Diagrams and tables of other tools go through the editor and keep what they had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.desk import Desk
from tests.browser.kept import facts, lost, places
from tests.browser.live import Live
from tests.browser.policydesk import Editor, begin, editor_of, exported, imported

LEAF = "djs-shape:not([data-element-id$='_label']):not(:has(> .djs-children *))"
DOCTYPE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
FOREIGN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="urn:t"
 xmlns:x="urn:other:tool" x:saved="yes">
<!-- drawn by hand -->
<process id="p" isExecutable="true" x:colour="red">
<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>
<userTask id="t" name="T" x:candidate="group"><extensionElements><x:form key="k"><x:field n="1"/>
<x:field n="2"/></x:form></extensionElements>
<multiInstanceLoopCharacteristics isSequential="false" x:elementVariable="one">
<loopDataInputRef>nowhere</loopDataInputRef><inputDataItem id="i" name="one"/>
</multiInstanceLoopCharacteristics></userTask></process></definitions>"""


@pytest.mark.timeout(400)
def test_it_loses_nothing_of_other_tools_diagrams(live: Live, desk: Desk, shared: Path) -> None:
    editor = editor_of(desk, begin(live))
    unchecked(editor)
    files = [path for path in sorted((shared / "data/bpmn").iterdir()) if is_picture(path)]
    assert len(files) >= 18

    broken = {path.name: trouble for path in files if (trouble := moved_and_lost(editor, path))}

    assert broken == {}


def unchecked(editor: Editor) -> None:
    """Spare the server the check after each file: of a file's parts it says nothing."""
    editor.page.route("**/check", lambda route: route.fulfill(json={"files": []}))


def is_picture(path: Path) -> bool:
    return path.suffix in (".bpmn", ".xml")


def moved_and_lost(editor: Editor, path: Path) -> Any:
    """Import, move one element, export; gives what is missing, or that nothing moved."""
    said = imported(editor, path)
    if "未导入" in said:
        return said
    drawn = places(exported(editor, "xml"))
    for element in reversed(steps(editor)):
        editor.choose(element)
        editor.page.keyboard.press("Shift+ArrowRight")
        after = exported(editor, "xml")
        # An event on a border does not let itself be pushed off it.
        if places(after)[element] != drawn[element]:
            return lost(path.read_bytes(), after)
    return "nothing could be moved"


def steps(editor: Editor) -> list[str]:
    """Ids of what stands in the picture and holds nothing else."""
    shapes = editor.page.locator(f"g.{LEAF}")
    return list(shapes.evaluate_all("all => all.map(one => one.dataset.elementId)"))


def test_it_loses_nothing_of_other_tools_tables(live: Live, desk: Desk, shared: Path) -> None:
    editor = editor_of(desk, begin(live))
    unchecked(editor)
    for path in sorted((shared / "data/bpmn").glob("*.dmn")):
        said = imported(editor, path)
        assert "已导入" in said, said
        name = "".join(sign if sign.isalnum() or sign in "_-" else "_" for sign in path.stem)
        editor.page.get_by_role("button", name="看决策关系图").click()
        with editor.saving():
            editor.page.locator(".dmn-drd-container g.djs-shape .djs-hit").first.click(force=True)
            editor.page.keyboard.press("Shift+ArrowRight")

        after = exported(editor, "dmn", f"{name.lower()}.dmn")
        assert places(after) != places(path.read_bytes()), path.name
        assert lost(path.read_bytes(), after) == [], path.name


def test_it_keeps_references_that_lead_nowhere_and_what_it_does_not_know(
    live: Live, desk: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "foreign.bpmn"
    path.write_text(FOREIGN, encoding="utf-8")
    editor = editor_of(desk, begin(live))
    imported(editor, path)
    with editor.saving():
        editor.choose("t")
        editor.fill("名称", "改了名字")

    after = editor.file().encode()
    assert lost(FOREIGN.encode(), after) == [("t", f"{MODEL}userTask@name", "T")]
    assert ("t", f"{MODEL}loopDataInputRef", "nowhere") in set(facts(after))
    # Opened again from what was saved, it is still all there.
    editor.open()
    editor.page.locator('[data-element-id="t"]').first.wait_for()
    again = exported(editor, "xml")
    assert lost(after, again) == []


MODEL = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def test_it_refuses_what_is_no_diagram_and_keeps_the_draft(
    live: Live, desk: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "evil.bpmn"
    editor = editor_of(desk, begin(live))
    before = editor.file()

    for content in (DOCTYPE, "<a", "", "PK\x03\x04"):
        path.write_text(content, encoding="utf-8")
        assert "未导入" in imported(editor, path), content
        assert editor.file() == before, content
    editor.choose("accept")
    with editor.saving():
        editor.fill("名称", "受理核实")
    assert 'name="受理核实"' in editor.file()


def test_it_exports_pictures_and_prints_the_diagram_alone(live: Live, desk: Desk) -> None:
    editor = editor_of(desk, begin(live))
    svg, png = exported(editor, "svg"), exported(editor, "png")
    assert b"<svg" in svg and "发现上报".encode() in svg
    assert png.startswith(b"\x89PNG") and len(png) > 50_000

    editor.page.evaluate("window.print = () => { document.body.dataset.printed = 'yes' }")
    editor.page.locator(".editor-head details.menu > summary").click()
    editor.page.locator('[data-act="print"]').click()
    editor.page.locator("body[data-printed]").wait_for()
    editor.page.emulate_media(media="print")
    assert editor.page.locator(".editor-sheet svg").is_visible()
    assert not editor.part("canvas").is_visible()
