"""Loops and multi-instance activities: do they end, and how many are there?"""

from __future__ import annotations

from typing import Any

from engine.bpmn.activities import MAX_INSTANCES
from engine.bpmn.check.findings import REGISTER, shown
from engine.bpmn.check.reachability import AUTOMATIC_LOOP, waits
from engine.bpmn.check.subject import CheckSubject, Process, called_name
from engine.bpmn.nodes import Loop, Node
from feel import FeelError, LimitReached, SyntaxFault, compile_expression, to_json
from feel.text import Text

_GROUP = REGISTER.group("loops")

TOO_MANY = _GROUP.error(
    "too-many-instances",
    Text("多实例太多", "Too many instances"),
    Text(
        f"一次最多 {MAX_INSTANCES} 个实例；请缩小集合，或改成循环分批处理。",
        f"At most {MAX_INSTANCES} instances at once; make the collection smaller, or work in "
        "batches with a loop.",
    ),
)
NO_LIST = _GROUP.error(
    "not-a-collection",
    Text("多实例的集合不是列表，或个数不是整数", "Neither a list nor a whole number"),
    Text(
        "集合写列表变量，例如 departments；个数写 0 以上的整数。",
        "Give a variable that holds a list, such as departments, or a whole number.",
    ),
)
NO_RESULT = _GROUP.warning(
    "half-a-result",
    Text("多实例结果只填了一半", "Half of a result"),
    Text(
        "“结果列表”和“收集哪个变量”要么都填，要么都不填。",
        "Fill in both the list and the variable that is collected, or neither.",
    ),
)
FOREVER = _GROUP.warning(
    "loop-never-stops",
    Text("循环条件永远成立", "A loop whose condition always holds"),
    Text(
        "写一个会变成不成立的条件，或填最多次数。",
        "Write a condition that can become false, or a maximum.",
    ),
)


def check(scene: CheckSubject, process: Process) -> None:
    """Look at every activity with a loop marker."""
    for node in process.nodes:
        if node.loop is not None and node.loop.kind == "standard":
            _loop(scene, process, node, node.loop)
        elif node.loop is not None:
            _instances(scene, node, node.loop)


def _loop(scene: CheckSubject, process: Process, node: Node, loop: Loop) -> None:
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
            f"“{name}”只填了“{shown(loop.out or loop.of)}”。",
            f"“{name}” names only “{shown(loop.out or loop.of)}”.",
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
            f"“{name}”的“{shown(loop.items or loop.cardinality)}”不是列表或个数。",
            f"“{shown(loop.items or loop.cardinality)}” of “{name}” is neither list nor number.",
        )
        scene.find(NO_LIST, node, text, line=loop.line)
    elif count > MAX_INSTANCES:
        _too_many(scene, node, loop, name)


def _too_many(scene: CheckSubject, node: Node, loop: Loop, name: str) -> None:
    source = shown(loop.items or loop.cardinality)
    text = Text(
        f"“{name}”会产生超过{MAX_INSTANCES}个实例（{source}）。",
        f"“{name}” makes more than {MAX_INSTANCES} instances ({source}).",
    )
    scene.find(TOO_MANY, node, text, line=loop.line)


def _constant(source: str) -> tuple[Any, ...]:
    """Give the value of an expression without variables, alone in a tuple; else nothing."""
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
