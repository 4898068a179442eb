"""Lanes: who does what, as the picture shows it."""

from __future__ import annotations

from collections import defaultdict

from lxml import etree

from engine.bpmn.check.rules.assignment import lane_missing_element, two_lanes
from engine.bpmn.check.subject import CheckedProcess, CheckSubject
from engine.bpmn.labels import called_name, quoted
from engine.bpmn.parsing import extensions, xml
from feel.text import Text

LOST_REFERENCE = lane_missing_element.RULE
TWO_LANES = two_lanes.RULE


def check(scene: CheckSubject, process: CheckedProcess, root: etree._Element) -> None:
    """Check the lane sets of one process."""
    for element in root.iterfind(xml.bpmn("process")):
        if element.get("id") == process.info.key:
            _process(scene, process, element)


def _process(scene: CheckSubject, process: CheckedProcess, element: etree._Element) -> None:
    known = {element.get("id") for element in element.iter() if element.get("id")}
    inner: dict[str, list[str]] = defaultdict(list)
    for lane in element.iter(xml.bpmn("lane")):
        deeper = lane.find(xml.bpmn("childLaneSet")) is not None
        for reference in lane.iterfind(xml.bpmn("flowNodeRef")):
            name = xml.texts(reference)
            if name not in known:
                _lost(scene, process, lane, name)
            elif not deeper:
                inner[name].append(_title(lane))
    for name, lanes in inner.items():
        node = process.source.nodes.get(name)
        if node is not None and len(set(lanes)) > 1:
            title, one, two = called_name(node), quoted(lanes[0]), quoted(lanes[1])
            text = Text(
                f"“{title}”同时在泳道“{one}”和“{two}”里。",
                f"“{title}” is in the lanes “{one}” and “{two}”.",
            )
            scene.find(TWO_LANES, node, text)


def _title(lane: etree._Element) -> str:
    return str(lane.get("name") or lane.get("id") or "")


def _lost(scene: CheckSubject, process: CheckedProcess, lane: etree._Element, name: str) -> None:
    title = quoted(_title(lane))
    text = Text(
        f"泳道“{title}”登记的元素“{quoted(name)}”不存在。",
        f"The lane “{title}” lists “{quoted(name)}”, which does not exist.",
    )
    scene.findings.append(
        LOST_REFERENCE.finding(
            process.source.file, text, element=lane.get("id"), line=extensions.line_of(lane)
        )
    )
