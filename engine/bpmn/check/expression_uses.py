"""Every expression of a process, with the place it stands in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.bpmn.check import fixes
from engine.bpmn.check.fixes import Fix
from engine.bpmn.check.subject import CheckedProcess, Graph, branch_name
from engine.bpmn.elements.registry import UNCONDITIONAL_KINDS
from engine.bpmn.expressions import COUNTERS
from engine.bpmn.nodes import Flow
from engine.bpmn.nodes import Node as Drawn
from engine.bpmn.schedule import _looks_literal
from feel import FeelError, compile_expression, parse_script
from feel.syntax import Call, Literal, Name, Path, SyntaxNode, walk
from feel.text import Text

_SCRIPT = Text("脚本", "script")
TIMER = Text("时间设置", "timer")
_UNIT = Text("承办单位", "unit")
_HELPERS = Text("协办单位", "helping units")
_FROM = Text("时限的起算日", "day from which the limit counts")
_FIRM = Text("时限能否停", "whether the limit stands firm")


@dataclass(frozen=True)
class ExpressionUse:
    """One expression and where it stands; ``element`` is what an editor should highlight."""

    node: Drawn
    element: str
    what: Text
    source: str
    line: int | None
    script: bool = False

    def compile(self, names: frozenset[str]) -> Any:
        """Return the Expression or Script; raises FeelError."""
        if self.script:
            return parse_script(self.source, names=names)
        return compile_expression(self.source, names=names)


def places(process: CheckedProcess) -> Iterator[ExpressionUse]:
    """Yield the expressions that the engine evaluates, in the order of the diagram."""
    for graph in process.graphs:
        for node in graph.nodes.values():
            yield from _of_node(node)
            yield from _of_flows(graph, node)


def _of_node(node: Drawn) -> Iterator[ExpressionUse]:
    def place(what: Text, source: str, line: int | None = None) -> Iterator[ExpressionUse]:
        if source.strip():
            yield ExpressionUse(node, node.id, what, source, line or node.line)

    if node.kind == "scriptTask" and node.script.strip():
        yield ExpressionUse(node, node.id, _SCRIPT, node.script, node.line, script=True)
    for event in node.events:
        if event.kind == "timer" and not _looks_literal(event.expression.strip("\"'“” ")):
            yield from place(TIMER, _working(event.expression), event.line)
    if node.unit != "department":
        yield from place(_UNIT, node.unit)
    yield from place(_HELPERS, node.helpers)
    yield from place(_FROM, node.limit_from)
    yield from place(_FIRM, node.limit_firm)
    if node.action is not None:
        for name, source in node.action.arguments:
            yield from place(Text(f"参数“{name}”", f"argument “{name}”"), source)
    loop = node.loop
    if loop is not None:
        yield from place(Text("多实例集合", "collection"), loop.items, loop.line)
        yield from place(Text("实例数", "number of instances"), loop.cardinality, loop.line)
        yield from place(Text("完成条件", "completion condition"), loop.until, loop.line)
        yield from place(Text("循环条件", "loop condition"), loop.condition, loop.line)


def _working(source: str) -> str:
    """Return what stands inside ``working days(...)``."""
    text = source.strip()
    for head in ("working days", "working hours"):
        rest = text.removeprefix(head).strip()
        if rest != text and rest.startswith("(") and rest.endswith(")"):
            return rest[1:-1]
    return text


def _of_flows(graph: Graph, node: Drawn) -> Iterator[ExpressionUse]:
    if node.kind in UNCONDITIONAL_KINDS:
        return
    for flow in graph.out.get(node.id, ()):
        if flow.condition and flow.id != node.default:
            yield ExpressionUse(
                node, flow.id, _condition_of(flow, graph), flow.condition, flow.line
            )


def _condition_of(flow: Flow, graph: Graph) -> Text:
    said = branch_name(flow, graph.nodes)
    return Text(f"{said.zh}的条件", f"condition of the {said.en}")


def rewritten(place: ExpressionUse, source: str) -> list[Fix]:
    """Return the fix that writes another expression in its place; none where that is no flow."""
    if place.element == place.node.id and not place.script:
        return []
    file, label = place.node.file, Text(f"改成：{source}", f"Write: {source}")
    change = fixes.condition(file, place.element, source)
    if place.script:
        change = fixes.ElementChange("text", file, place.element, "script", text=source)
    return [Fix(label, (change,))]


def constant_text(source: str) -> str | None:
    """Return the text that an expression plainly is, such as a unit's code in quotes."""
    try:
        node = compile_expression(source).node if source.strip() else None
    except FeelError:
        return None
    return node.value if isinstance(node, Literal) and isinstance(node.value, str) else None


def called_by_path(compiled: Any) -> frozenset[str]:
    """Return what is called as ``os.system(...)``: a case's variables are data, never functions."""
    lines = [line.expression for line in getattr(compiled, "lines", ())] or [compiled]
    return frozenset(
        name
        for line in lines
        for node in walk(line.node)
        if isinstance(node, Call) and isinstance(node.target, Path)
        for name in _dotted(node.target)
        if name.partition(".")[0] in line.variables
    )


def _dotted(node: SyntaxNode) -> Iterator[str]:
    keys: list[str] = []
    while isinstance(node, Path):
        keys.append(node.key)
        node = node.base
    if isinstance(node, Name):
        yield ".".join([node.name, *reversed(keys)])


GIVEN = frozenset({"case", *COUNTERS})


def reads(place: ExpressionUse, names: frozenset[str]) -> frozenset[str]:
    """Return the case's variables that an expression certainly reads; none if it is broken."""
    try:
        compiled = place.compile(names)
    except FeelError:
        return frozenset()
    if place.script:
        certain = frozenset().union(*(_certain(line.expression) for line in compiled.lines))
        return (compiled.variables & certain) - GIVEN
    return _certain(compiled) - GIVEN


def _certain(expression: Any) -> frozenset[str]:
    found: frozenset[str] = expression.variables - expression.uncertain
    return found
