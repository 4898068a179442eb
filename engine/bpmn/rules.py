"""What a diagram must satisfy to run at all; the wider advice is the checker's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from engine.bpmn.dependencies import Closure
from engine.bpmn.elements.registry import DECIDING_KINDS, ELEMENTS, SCOPE_KINDS
from engine.bpmn.expressions import ExpressionCompiler
from engine.bpmn.nodes import UNSUPPORTED_EVENTS, Flow, Node, Scope
from feel.text import Text


def odd_names(nodes: Iterable[Node]) -> frozenset[str]:
    """Return the declared variable names that must be declared to FEEL, as they hold spaces or
    signs.
    """
    names: set[str] = set()
    for node in nodes:
        if node.loop is not None:
            names |= {node.loop.item, node.loop.out, node.loop.of}
        if node.decision is not None:
            names.add(node.decision.result)
    return frozenset(name for name in names if name and not name.isidentifier())


def is_item(name: str, found: Closure) -> bool:
    """Return whether this names an instance's own variable anywhere in the version."""
    return any(node.loop is not None and node.loop.item == name for node in found.all_nodes())


def plain_starts(nodes: Iterable[Node]) -> list[Node]:
    """Return the start events that need no event."""
    return [node for node in nodes if node.kind == "startEvent" and not node.events]


def event_start(nodes: Iterable[Node]) -> Node | None:
    """Return the start event of an event subprocess."""
    starts = [node for node in nodes if node.kind == "startEvent" and node.events]
    return starts[0] if starts else None


def first_start(nodes: Iterable[Node]) -> str:
    """Return the start event that a token begins at."""
    starts = [node for node in nodes if node.kind == "startEvent"]
    chosen = plain_starts(starts) or starts
    return chosen[0].id if chosen else ""


def check_node(node: Node, compiler: ExpressionCompiler) -> bool:
    """Note what the engine cannot run; tell whether a spec can be made."""
    name = node.name or node.id
    if node.kind not in ELEMENTS:
        text = Text(
            f"引擎不支持“{name}”的元素类型 {node.kind}。",
            f"The engine does not run elements of type {node.kind} (“{name}”).",
        )
        compiler.fault("unsupported-element", node, text)
        return False
    for event in node.events:
        if event.kind in UNSUPPORTED_EVENTS or event.kind not in ELEMENTS[node.kind].events:
            text = Text(
                f"“{name}”上的 {event.kind} 事件不受支持。",
                f"The engine does not run a {event.kind} event on “{name}” ({node.kind}).",
            )
            compiler.fault("unsupported-event", node, text, event.line)
            return False
    if len(node.events) > 1:
        text = Text(f"“{name}”有多个事件定义。", f"“{name}” has more than one event definition.")
        compiler.fault("multiple-events", node, text)
    _check_content(node, name, compiler)
    return True


def _check_content(node: Node, name: str, compiler: ExpressionCompiler) -> None:
    for rule, text in ELEMENTS[node.kind].lacks(node):
        compiler.fault(rule, node, text)
    loop = node.loop
    if loop is not None and not (loop.items or loop.cardinality or loop.condition or loop.maximum):
        text = Text(f"“{name}”的循环没有集合、次数或条件。", f"The loop of “{name}” has no bounds.")
        compiler.fault("empty-loop", node, text, loop.line)


def check_scope(
    scope: Scope, nodes: tuple[Node, ...], flows: tuple[Flow, ...], found: Closure,
    compiler: ExpressionCompiler,
) -> None:  # fmt: skip
    """Note a scope without one clear beginning, and flows and borders that lead nowhere."""
    ids = {node.id for node in nodes}
    owner = _owner(scope, found)
    _check_start(owner, nodes, compiler)
    by_id = {node.id: node for node in nodes}
    for flow in flows:
        for end in (flow.source, flow.target):
            if end not in ids:
                node = by_id.get(flow.source) or by_id.get(flow.target) or owner
                text = Text(
                    f"“{node.name or node.id}”的连线“{flow.name or flow.id}”有一端“{end}”不存在。",
                    f"The flow “{flow.name or flow.id}” of “{node.name or node.id}” has an end "
                    f"“{end}” that does not exist here.",
                )
                compiler.fault("dangling-flow", node, text, flow.line)
    _check_choices(nodes, flows, compiler)
    for node in nodes:
        if node.kind == "boundaryEvent" and node.attached_to not in ids:
            text = Text(
                f"边界事件“{node.name or node.id}”所附的环节“{node.attached_to}”不存在。",
                f"The boundary event “{node.name or node.id}” sits on “{node.attached_to}”, "
                "which does not exist.",
            )
            compiler.fault("missing-host", node, text)


def _check_choices(
    nodes: tuple[Node, ...], flows: tuple[Flow, ...], compiler: ExpressionCompiler
) -> None:
    """Note a way out of a choice that would be taken whatever the others say."""
    out: dict[str, list[Flow]] = defaultdict(list)
    for flow in flows:
        out[flow.source].append(flow)
    names = {node.id: node.name or node.id for node in nodes}
    for node in nodes:
        if node.kind not in DECIDING_KINDS:
            continue
        for flow in out[node.id] if len(out[node.id]) > 1 else []:
            if not flow.condition and flow.id != node.default:
                target = names.get(flow.target, flow.target)
                text = Text(
                    f"从“{names[node.id]}”到“{target}”的分支没有条件，也不是默认分支。",
                    f"The branch from “{names[node.id]}” to “{target}” has no condition and is "
                    "not the default.",
                )
                compiler.fault("missing-condition", node, text, flow.line)


def _owner(scope: Scope, found: Closure) -> Node:
    """Return the node to blame for a scope: the subprocess, or one made up for the process."""
    for node in found.nodes.get(scope.parent, ()):
        if node.id == scope.id:
            return node
    info = found.processes[scope.process]
    return Node(scope.id, "process", scope.id, info.name, line=info.line, file=info.file)


def _check_start(owner: Node, nodes: tuple[Node, ...], compiler: ExpressionCompiler) -> None:
    name = owner.name or owner.id
    starts = [node for node in nodes if node.kind == "startEvent"]
    plain = plain_starts(starts)
    if owner.triggered:
        if len(starts) != 1 or plain:
            text = Text(
                f"事件子流程“{name}”应恰有一个带事件的开始事件。",
                f"The event subprocess “{name}” needs exactly one start event, with an event.",
            )
            compiler.fault("event-subprocess-start", owner, text)
    elif not starts or (owner.kind in SCOPE_KINDS and not plain):
        text = Text(f"“{name}”没有开始事件。", f"“{name}” has no start event.")
        compiler.fault("missing-start", owner, text)
    elif len(plain) > 1:
        text = Text(f"“{name}”有多个开始事件。", f"“{name}” has more than one plain start event.")
        compiler.fault("many-starts", owner, text)
