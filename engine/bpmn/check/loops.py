"""Loops and multi-instance activities: do they end, and how many are there?"""

from __future__ import annotations

from typing import Any

from engine.bpmn.check.reachability import AUTOMATIC_LOOP, waits
from engine.bpmn.check.rules.loops import (
    half_a_result,
    loop_never_stops,
    not_a_collection,
    too_many_instances,
)
from engine.bpmn.check.subject import CheckedProcess, CheckSubject
from engine.bpmn.elements.repeat import MAX_INSTANCES
from engine.bpmn.labels import called_name, quoted
from engine.bpmn.nodes import Loop, Node
from feel import FeelError, LimitReached, SyntaxFault, compile_expression, to_json
from feel.text import Text

TOO_MANY = too_many_instances.RULE
NO_LIST = not_a_collection.RULE
NO_RESULT = half_a_result.RULE
FOREVER = loop_never_stops.RULE


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Check every activity with a loop marker."""
    for node in process.nodes:
        if node.loop is not None and node.loop.kind == "standard":
            _loop(scene, process, node, node.loop)
        elif node.loop is not None:
            _instances(scene, node, node.loop)


def _loop(scene: CheckSubject, process: CheckedProcess, node: Node, loop: Loop) -> None:
    name = called_name(node)
    if loop.maximum is not None:
        return
    if _constant(loop.condition) == (True,):
        text = Text(f"“{name}”的循环永远不停。", f"The loop of “{name}” never stops.")
        scene.find(FOREVER, node, text, line=loop.line)
    elif loop.condition and not waits(scene, process, node):
        text = Text(
            f"“{name}”自动重复，没有最多次数。", f"“{name}” repeats by itself and has no maximum."
        )
        scene.find(AUTOMATIC_LOOP, node, text, line=loop.line)


def _instances(scene: CheckSubject, node: Node, loop: Loop) -> None:
    name = called_name(node)
    if bool(loop.out) != bool(loop.of):
        text = Text(
            f"“{name}”只填了“{quoted(loop.out or loop.of)}”。",
            f"“{name}” names only “{quoted(loop.out or loop.of)}”.",
        )
        scene.find(NO_RESULT, node, text, line=loop.line)
    try:
        value = _constant(loop.items or loop.cardinality)
    except LimitReached:
        _too_many(scene, node, loop, name)
        return
    if not value:
        return
    (found,) = value
    count = len(found) if loop.items and isinstance(found, list) else found
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        text = Text(
            f"“{name}”的“{quoted(loop.items or loop.cardinality)}”不是列表或个数。",
            f"“{quoted(loop.items or loop.cardinality)}” of “{name}” is neither list nor number.",
        )
        scene.find(NO_LIST, node, text, line=loop.line)
    elif count > MAX_INSTANCES:
        _too_many(scene, node, loop, name)


def _too_many(scene: CheckSubject, node: Node, loop: Loop, name: str) -> None:
    source = quoted(loop.items or loop.cardinality)
    text = Text(
        f"“{name}”会产生超过{MAX_INSTANCES}个实例（{source}）。",
        f"“{name}” makes more than {MAX_INSTANCES} instances ({source}).",
    )
    scene.find(TOO_MANY, node, text, line=loop.line)


def _constant(source: str) -> tuple[Any, ...]:
    """Return the value of an expression without variables, alone in a tuple; else nothing."""
    try:
        expression = compile_expression(source) if source else None
    except SyntaxFault:
        return ()
    if expression is None or expression.variables or expression.functions:
        return ()
    try:
        return (to_json(expression.evaluate({})),)
    except LimitReached:
        raise
    except FeelError:
        return ()
