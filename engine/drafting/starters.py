"""What a new process begins with: a small one that runs, or a copy of another under a new key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from engine.bpmn.parsing import xml

# A new process counts its cases under the beginning of its own name.
PREFIX = 2
_REFERENCES = ("processRef", "bpmnElement", "calledElement")

_DIAGRAM = """\
<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" \
xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" \
xmlns:di="http://www.omg.org/spec/DD/20100524/DI" \
xmlns:gov="urn:fengqiao:governance:1" id="{key}_definitions" \
targetNamespace="urn:fengqiao:processes">
  <bpmn:process id="{key}" name={name} isExecutable="true">
    <bpmn:extensionElements>
      <gov:process caseType="{key}" numberPrefix={prefix} limit="15" limitUnit="working_days" \
opens="report" />{english}
    </bpmn:extensionElements>
    <bpmn:startEvent id="start" name="开始">
      <bpmn:outgoing>f_start_report</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:userTask id="report" name="登记">
      <bpmn:extensionElements>
        <gov:task form="{key}/report" role="dispatcher" level="handling" limit="1" \
limitUnit="working_days" />
      </bpmn:extensionElements>
      <bpmn:incoming>f_start_report</bpmn:incoming>
      <bpmn:outgoing>f_report_handle</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:userTask id="handle" name="办理">
      <bpmn:extensionElements>
        <gov:task form="{key}/handle" role="dispatcher" level="handling" limit="7" \
limitUnit="working_days" signLimit="1" signLimitUnit="working_days" returnTo="report" />
      </bpmn:extensionElements>
      <bpmn:incoming>f_report_handle</bpmn:incoming>
      <bpmn:outgoing>f_handle_end</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:endEvent id="end" name="办结">
      <bpmn:incoming>f_handle_end</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="f_start_report" sourceRef="start" targetRef="report" />
    <bpmn:sequenceFlow id="f_report_handle" sourceRef="report" targetRef="handle" />
    <bpmn:sequenceFlow id="f_handle_end" sourceRef="handle" targetRef="end" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="{key}_diagram">
    <bpmndi:BPMNPlane id="{key}_plane" bpmnElement="{key}">
{shapes}
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
_LABEL = '\n      <gov:label lang="en">{}</gov:label>'
# Between the steps there is room for a gateway.
_SHAPES = (("start", 152, 102, 36), ("report", 270, 80, 0), ("handle", 510, 80, 0))
_END = ("end", 750, 102, 36)
_EDGES = (("f_start_report", 188, 270), ("f_report_handle", 370, 510), ("f_handle_end", 610, 750))

# Asked before anything is typed, as in what ships.
_CONFIDENCE: tuple[Mapping[str, Any], ...] = (
    {
        "name": "in_confidence",
        "kind": "yes_no",
        "label": {"zh_CN": "反映人要求保密", "en": "Is the reporter to stay unknown?"},
        "default": False,
    },
    {
        "name": "against",
        "kind": "unit",
        "label": {"zh_CN": "反映的单位", "en": "Unit reported against"},
        "show_when": "in_confidence = true",
        "sets": "against",
    },
)
_CONFIDENTIAL = {"confidential_when": "in_confidence = true"}


def blank(key: str, name: str, name_en: str = "") -> dict[str, bytes]:
    """Return a process of two tasks with their forms; it passes the check and can be published."""
    drawn = _DIAGRAM.format(
        key=key,
        name=quoteattr(name),
        prefix=quoteattr(name[:PREFIX]),
        english=_LABEL.format(escape(name_en)) if name_en else "",
        shapes=_shapes(),
    )
    summary = _field("summary", "text", "事由", "What it is about", sets="title")
    place = _field("place", "place", "地点", "Place", sets="place")
    result = _field("result", "textarea", "办理情况", "What was done")
    return {
        f"processes/{key}/{key}.bpmn": drawn.encode(),
        f"forms/{key}/report.json": _form(
            f"{key}/report", ("登记", "Register"), *_CONFIDENCE, summary, place, **_CONFIDENTIAL
        ),
        f"forms/{key}/handle.json": _form(f"{key}/handle", ("办理", "Handle"), result),
    }


def copied(
    files: Mapping[str, bytes], old: str, key: str, name: str, name_en: str = ""
) -> dict[str, bytes]:
    """Return the same definition under another key, with everything in it that names the key."""
    found: dict[str, bytes] = {}
    for path, data in files.items():
        there = path.replace(f"/{old}/", f"/{key}/", 1).replace(f"/{old}.bpmn", f"/{key}.bpmn")
        if path.endswith(".bpmn"):
            data = _renamed(data, old, key, (name, name_en))
        elif path.endswith(".json"):
            data = _rekeyed(data, old, key)
        found[there] = data
    return found


def _renamed(data: bytes, old: str, key: str, names: tuple[str, str]) -> bytes:
    root = xml.load(data)
    for element in root.iter(etree.Element):
        if element.tag == xml.bpmn("process") and element.get("id") == old:
            element.set("id", key)
            _name(element, *names)
        if element.tag == xml.bpmn("participant") and element.get("processRef") == old:
            _name(element, *names)
        for attribute in _REFERENCES:
            if element.get(attribute) == old:
                element.set(attribute, key)
        _rekey_own(element, old, key, names[0][:PREFIX])
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _rekey_own(element: etree._Element, old: str, key: str, prefix: str) -> None:
    """Our own attributes that name the process."""
    if not element.tag.startswith(f"{{{xml.GOV}}}"):
        return
    form = element.get("form", "")
    if form.startswith(f"{old}/"):
        element.set("form", key + form.removeprefix(old))
    if element.tag == xml.gov("process"):
        element.set("numberPrefix", prefix)
        if element.get("caseType") == old:
            element.set("caseType", key)


def _name(element: etree._Element, name: str, name_en: str) -> None:
    element.set("name", name)
    own = element.find(xml.bpmn("extensionElements"))
    label = None if own is None else own.find(xml.gov("label"))
    if own is None or label is None:
        return
    if name_en:
        label.text = name_en
    else:
        own.remove(label)


def _rekeyed(data: bytes, old: str, key: str) -> bytes:
    document: dict[str, Any] = json.loads(data)
    if str(document.get("key", "")).startswith(f"{old}/"):
        document["key"] = key + document["key"].removeprefix(old)
    if document.get("process") == old:
        document["process"] = key
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _shapes() -> str:
    parts = [_shape(name, x, y, size) for name, x, y, size in (*_SHAPES, _END)]
    for name, left, right in _EDGES:
        points = "".join(f'<di:waypoint x="{x}" y="120" />' for x in (left, right))
        edge = f'<bpmndi:BPMNEdge id="{name}_di" bpmnElement="{name}">{points}</bpmndi:BPMNEdge>'
        parts.append(edge)
    return "\n".join(f"      {part}" for part in parts)


def _shape(name: str, x: int, y: int, size: int) -> str:
    bounds = f'<dc:Bounds x="{x}" y="{y}" width="{size or 100}" height="{size or 80}" />'
    if size:
        # An event's name stands below it.
        under = f'<dc:Bounds x="{x + 7}" y="{y + size + 6}" width="22" height="14" />'
        bounds += f"<bpmndi:BPMNLabel>{under}</bpmndi:BPMNLabel>"
    return f'<bpmndi:BPMNShape id="{name}_di" bpmnElement="{name}">{bounds}</bpmndi:BPMNShape>'


def _field(name: str, kind: str, zh: str, en: str, **more: str) -> dict[str, Any]:
    label = {"zh_CN": zh, "en": en}
    field = {"name": name, "kind": kind, "label": label, "required": True, **more}
    return field if kind == "place" else field | {"max_length": 200}


def _form(key: str, title: tuple[str, str], *fields: Mapping[str, Any], **more: str) -> bytes:
    names = dict(zip(("zh_CN", "en"), title, strict=True))
    document = {"key": key, "title": names, "groups": [{"fields": fields}], **more}
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
