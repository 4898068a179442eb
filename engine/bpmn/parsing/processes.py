"""Turn one BPMN file into plain data, and note what cannot be read as it was meant."""

from __future__ import annotations

from typing import Any

from lxml import etree

from engine.bpmn.elements.registry import ELEMENTS, NODE_KINDS, SCOPE_KINDS
from engine.bpmn.errors import BpmnFault, XmlRefused
from engine.bpmn.nodes import Flow, Lane, Node, ParsedFile, ProcessInfo, Scope
from engine.bpmn.parsing import extensions, xml
from engine.bpmn.parsing.events import References, read_events
from engine.bpmn.parsing.loops import read_loop
from feel.text import Text

MAX_ID = 200
MAX_KIND = 40


def extract(root: etree._Element, file: str = "") -> ParsedFile:
    """Read every process of a parsed BPMN file.

    Raises XmlRefused (rule ``not-bpmn``) for XML that is something else. Everything
    smaller is a Fault of the result, so that a person sees all of them at once.
    """
    if root.tag != xml.bpmn("definitions"):
        raise XmlRefused("not-bpmn", _NOT_BPMN, line=extensions.line_of(root))
    extraction = _Extraction(root, file)
    for process in root.iterfind(xml.bpmn("process")):
        extraction.process(process)
    return extraction.source()


_NOT_BPMN = Text(
    "这不是 BPMN 2.0 流程文件（根元素应为 definitions）。",
    "This is not a BPMN 2.0 file (its root element should be “definitions”).",
)


class _Extraction:
    def __init__(self, root: etree._Element, file: str) -> None:
        self.file = file
        self.gov = extensions.ExtensionReader(file)
        self.refs = References(root)
        self.processes: dict[str, ProcessInfo] = {}
        self.scopes: dict[str, Scope] = {}
        self.nodes: dict[str, Node] = {}
        self.flows: dict[str, Flow] = {}
        self.lanes: dict[str, Lane] = {}
        self.lane_of: dict[str, Lane] = {}

    def source(self) -> ParsedFile:
        return ParsedFile(
            self.file,
            self.processes,
            self.scopes,
            self.nodes,
            self.flows,
            self.lanes,
            self.refs.messages,
            tuple(self.gov.faults),
        )

    def process(self, element: etree._Element) -> None:
        key = element.get("id", "")
        if not self._new_id(element, key):
            return
        own = extensions.extension(element, "process")
        fields: dict[str, Any] = {}
        if own is not None:
            fields = {
                "case_type": own.get("caseType", ""),
                "number_prefix": own.get("numberPrefix", ""),
                "limit": self.gov.number(own, "limit", key),
                "limit_unit": self.gov.unit(own, "limitUnit", key),
                "opens": own.get("opens", ""),
            }
        self.processes[key] = ProcessInfo(
            key,
            element.get("name", ""),
            extensions.english(element),
            xml.texts(element.find(xml.bpmn("documentation"))),
            executable=element.get("isExecutable", "true").strip() != "false",
            line=extensions.line_of(element),
            file=self.file,
            **fields,
        )
        for lane_set in element.iterfind(xml.bpmn("laneSet")):
            self._lanes(lane_set, None)
        self._scope(element, key, parent="", process=key, lane=None)

    def _lanes(self, lane_set: etree._Element, outer: Lane | None) -> None:
        for element in lane_set.iterfind(xml.bpmn("lane")):
            lane = self._lane(element, outer)
            self.lanes[lane.id] = lane
            for reference in element.iterfind(xml.bpmn("flowNodeRef")):
                self.lane_of[xml.texts(reference)] = lane
            # Inner lanes come last: they know better whose work a node is.
            for inner in element.iterfind(xml.bpmn("childLaneSet")):
                self._lanes(inner, lane)

    def _lane(self, element: etree._Element, outer: Lane | None) -> Lane:
        key = element.get("id", "")
        own = extensions.extension(element, "lane")
        role = self.gov.role(own, key) if own is not None else ""
        level = self.gov.level(own, key) if own is not None else ""
        if outer is not None:
            role, level = role or outer.role, level or outer.level
        return Lane(key, element.get("name", ""), extensions.english(element), role, level)

    def _scope(
        self, element: etree._Element, key: str, parent: str, process: str, lane: Lane | None
    ) -> None:
        nodes: list[str] = []
        flows: list[str] = []
        self.scopes[key] = Scope(key, parent, process)
        joined = _joined(element)
        for child in element:
            kind = xml.local(child)
            if child.tag == xml.bpmn("sequenceFlow"):
                self._flow(child, key, flows)
            elif kind in NODE_KINDS and child.tag == xml.bpmn(kind):
                self._node(child, kind, key, process, lane, nodes)
            elif child.get("id") in joined:
                # A flow leads here, so it is meant to run: its kind is refused by name.
                self._node(child, kind[:MAX_KIND], key, process, lane, nodes)
        self.scopes[key] = Scope(key, parent, process, tuple(nodes), tuple(flows))

    def _flow(self, element: etree._Element, scope: str, flows: list[str]) -> None:
        key = element.get("id", "") or f"flow-{scope}-{len(flows)}"
        if not self._new_id(element, key):
            return
        self.flows[key] = Flow(
            key,
            element.get("sourceRef", ""),
            element.get("targetRef", ""),
            scope,
            xml.texts(element.find(xml.bpmn("conditionExpression"))),
            element.get("name", ""),
            extensions.line_of(element),
            extensions.english(element),
            extensions.answer(element),
        )
        flows.append(key)

    def _node(
        self,
        element: etree._Element,
        kind: str,
        scope: str,
        process: str,
        outer: Lane | None,
        nodes: list[str],
    ) -> None:
        key = element.get("id", "")
        if not self._new_id(element, key):
            return
        lane = self.lane_of.get(key, outer)
        self.nodes[key] = Node(**self._fields(element, kind, key, scope, lane))
        nodes.append(key)
        if kind in SCOPE_KINDS:
            self._scope(element, key, parent=scope, process=process, lane=lane)

    def _fields(
        self, element: etree._Element, kind: str, key: str, scope: str, lane: Lane | None
    ) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "id": key,
            "kind": kind,
            "scope": scope,
            "name": element.get("name", ""),
            "name_en": extensions.english(element),
            "documentation": xml.texts(element.find(xml.bpmn("documentation"))),
            "lane": lane,
            "line": extensions.line_of(element),
            "file": self.file,
            "default": element.get("default", ""),
            "events": read_events(element, kind, self.refs, self.gov),
            "loop": read_loop(element, key, self.gov),
            "action": self.gov.action(extensions.extension(element, "action")),
            "decision": self.gov.decision(extensions.extension(element, "decision")),
            "answer": extensions.answer(element),
            "papers": extensions.papers(element),
        }
        if kind in ELEMENTS:
            fields |= ELEMENTS[kind].read(element)
        if lane is not None:
            fields |= {"role": lane.role, "level": lane.level}
        return fields | self._assignment(element, key)

    def _assignment(self, element: etree._Element, key: str) -> dict[str, Any]:
        found = self.gov.task(extensions.extension(element, "task"), key)
        message = extensions.extension(element, "message")
        if message is None:
            for definition in element.iterfind(xml.bpmn("messageEventDefinition")):
                message = extensions.extension(definition, "message")
        return found | self.gov.task(message, key)

    def _new_id(self, element: etree._Element, key: str) -> bool:
        """Refuse what has no usable id: without one nobody can speak about it."""
        tag = xml.local(element)
        if not key:
            text = Text(f"{tag} 元素没有 id。", f"A “{tag}” element has no id.")
            self._fault("missing-id", element, key, text)
        elif len(key) > MAX_ID or any(sign in key for sign in "/\\\0"):
            text = Text(
                f"id“{key[:40]}”过长或含有不允许的字符。",
                f"The id “{key[:40]}” is too long or holds characters that are not allowed.",
            )
            self._fault("bad-id", element, key[:40], text)
        elif key in self.nodes or key in self.flows or key in self.processes:
            text = Text(f"id“{key}”出现了两次。", f"The id “{key}” is used twice.")
            self._fault("duplicate-id", element, key, text)
        else:
            return True
        return False

    def _fault(self, rule: str, element: etree._Element, key: str, text: Text) -> None:
        self.gov.faults.append(
            BpmnFault(rule, text, key or None, extensions.line_of(element), self.file)
        )


def _joined(scope: etree._Element) -> frozenset[str]:
    """Return the ids that the flows of a scope begin and end at."""
    flows = scope.findall(xml.bpmn("sequenceFlow"))
    return frozenset(flow.get(end, "") for flow in flows for end in ("sourceRef", "targetRef"))
