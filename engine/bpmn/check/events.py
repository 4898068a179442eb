"""Messages, errors, escalations: does anybody send them, does anything catch them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.bpmn.check.engine_rules import UNSUPPORTED_EVENT
from engine.bpmn.check.rules.events import (
    boundary_on_wrong_element,
    error_not_caught,
    escalation_not_caught,
    message_nobody_sends,
    message_without_name,
    start_event_ignored,
)
from engine.bpmn.check.subject import CheckedProcess, CheckSubject
from engine.bpmn.elements.registry import ACTIVITY_KINDS, CATCHING_KINDS, THROWING_KINDS
from engine.bpmn.labels import called_name, quoted
from engine.bpmn.nodes import EventDefinition, Node, ParsedFile
from feel.text import Text

HOST = boundary_on_wrong_element.RULE
NAMELESS = message_without_name.RULE
NOBODY_SENDS = message_nobody_sends.RULE
UNCAUGHT_ERROR = error_not_caught.RULE
UNCAUGHT_ESCALATION = escalation_not_caught.RULE
IDLE_START = start_event_ignored.RULE

_STARTS: Mapping[str, Text] = {
    "timer": Text("定时", "timer"),
    "signal": Text("信号", "signal"),
    "conditional": Text("条件", "condition"),
    "error": Text("错误事件", "error event"),
    "escalation": Text("升级事件", "escalation event"),
}


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Check every event, and at tasks that send or receive."""
    for graph in process.graphs:
        for node in graph.nodes.values():
            _host(scene, node, graph.nodes)
            _node(scene, process, node)
            if any(event.kind == "conditional" for event in node.events):
                _conditional(scene, node)


def _host(scene: CheckSubject, node: Node, nodes: Mapping[str, Node]) -> None:
    host = nodes.get(node.attached_to) if node.kind == "boundaryEvent" else None
    if host is not None and host.kind not in ACTIVITY_KINDS:
        text = Text(
            f"边界事件“{called_name(node)}”放在了“{called_name(host)}”上，它不是环节。",
            f"The boundary event “{called_name(node)}” sits on “{called_name(host)}”, which is no "
            "activity.",
        )
        scene.find(HOST, node, text)


def _conditional(scene: CheckSubject, node: Node) -> None:
    name = called_name(node)
    text = Text(
        f"“{name}”是条件事件，现在的版本还不能运行，以后的版本支持。",
        f"“{name}” is a conditional event, which does not run yet; a later version runs it.",
    )
    scene.find(UNSUPPORTED_EVENT, node, text)


def _node(scene: CheckSubject, process: CheckedProcess, node: Node) -> None:
    if node.kind == "startEvent" and node.scope == process.info.key:
        _start(scene, node)
        return
    events = node.events
    if node.kind == "receiveTask" and not events:
        events = (EventDefinition("message", node.name),)
    for event in events:
        if event.kind == "message" and node.kind in CATCHING_KINDS:
            _message(scene, node, event)
        elif event.kind in ("error", "escalation") and node.kind in THROWING_KINDS:
            _thrown(scene, process, node, event)


def _start(scene: CheckSubject, node: Node) -> None:
    """A case is opened by somebody; a message start is how many people draw just that."""
    for event in node.events:
        if event.kind != "message":
            name, kind = called_name(node), _STARTS.get(event.kind, Text(event.kind, event.kind))
            text = Text(
                f"开始事件“{name}”的{kind.zh}还不会让事项自动开始，以后的版本支持。",
                f"The {kind.en} of the start event “{name}” does not open cases by itself yet; a "
                "later version does.",
            )
            scene.find(IDLE_START, node, text, line=event.line)


def _message(scene: CheckSubject, node: Node, event: EventDefinition) -> None:
    name = called_name(node)
    if not event.name.strip():
        text = Text(
            f"“{name}”等待的消息没有名称。", f"The message that “{name}” waits for has no name."
        )
        scene.find(NAMELESS, node, text, line=event.line)
    elif not node.role and not _is_sent(scene, event.name):
        text = Text(
            f"“{name}”等待消息“{quoted(event.name)}”，但没有角色可以发它，图里也没有发它的环节。",
            f"“{name}” waits for the message “{quoted(event.name)}”, but no role may send it "
            "and no "
            "element does.",
        )
        scene.find(NOBODY_SENDS, node, text, line=event.line)


def _is_sent(scene: CheckSubject, name: str) -> bool:
    return any(
        event.kind == "message" and event.name == name
        for source in scene.files.sources
        for node in source.nodes.values()
        if node.kind in THROWING_KINDS
        for event in node.events
    )


def _thrown(
    scene: CheckSubject, process: CheckedProcess, node: Node, event: EventDefinition
) -> None:
    if _caught(scene, process.source, process.info.key, node.scope, event):
        return
    name, code = called_name(node), quoted(event.code or event.name or "?")
    if event.kind == "error":
        text = Text(
            f"“{name}”抛出错误“{code}”，但没有事件接住它。",
            f"“{name}” throws the error “{code}”, but no event catches it.",
        )
        scene.find(UNCAUGHT_ERROR, node, text, line=event.line)
    else:
        text = Text(
            f"“{name}”抛出升级“{code}”，但没有事件接住它。",
            f"“{name}” throws the escalation “{code}”, but no event catches it.",
        )
        scene.find(UNCAUGHT_ESCALATION, node, text, line=event.line)


def _caught(
    scene: CheckSubject, source: ParsedFile, process: str, scope: str, event: EventDefinition
) -> bool:
    """Return whether anything around a scope catches an event, in this process or in a caller."""
    seen: set[tuple[str, str]] = set()
    stack = [(source, process, scope)]
    while stack:
        place, key, inner = stack.pop()
        if (key, inner) in seen:
            continue
        seen.add((key, inner))
        catches = [*_event_subprocesses(place, inner), *_on_border(place, inner)]
        parent = place.scopes[inner].parent
        if parent:
            stack.append((place, key, parent))
        else:
            for caller, node in _callers(scene, key):
                catches += _on_border(caller, node.id)
                stack.append((caller, caller.scopes[node.scope].process, node.scope))
        if any(_takes(catch, event) for catch in catches):
            return True
    return False


def _event_subprocesses(source: ParsedFile, scope: str) -> Iterator[EventDefinition]:
    """Yield what the event subprocesses that stand in a scope begin with."""
    for key in source.scopes[scope].nodes:
        if source.nodes[key].triggered:
            for inner in source.scopes[key].nodes:
                if source.nodes[inner].kind == "startEvent":
                    yield from source.nodes[inner].events


def _on_border(source: ParsedFile, host: str) -> Iterator[EventDefinition]:
    for node in source.nodes.values():
        if node.kind == "boundaryEvent" and node.attached_to == host:
            yield from node.events


def _callers(scene: CheckSubject, process: str) -> Iterator[tuple[ParsedFile, Node]]:
    for source in scene.files.sources:
        for node in source.nodes.values():
            if node.kind == "callActivity" and node.called_element == process:
                yield source, node


def _takes(catch: EventDefinition, event: EventDefinition) -> bool:
    return catch.kind == event.kind and (not catch.code or catch.code == event.code)
