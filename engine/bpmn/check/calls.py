"""Call activities: processes that call each other in a circle, or nothing at all."""

from __future__ import annotations

from collections import defaultdict

from engine.bpmn.check.engine_rules import RECURSIVE_CALL
from engine.bpmn.check.reachability import circles
from engine.bpmn.check.subject import CheckedProcess, CheckSubject
from engine.bpmn.labels import called_name, quoted
from feel.text import Text


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Name each call that is part of a circle through this process."""
    key = process.info.key
    circle = next((group for group in _circles(scene) if key in group), None)
    if circle is None:
        return
    for node in process.nodes:
        if node.kind == "callActivity" and node.called_element in circle:
            name, called = called_name(node), quoted(node.called_element)
            text = Text(
                f"“{name}”调用流程“{called}”，后者又会调用回来，没有尽头。",
                f"“{name}” calls the process “{called}”, which calls back without end.",
            )
            scene.find(RECURSIVE_CALL, node, text)


def _circles(scene: CheckSubject) -> list[set[str]]:
    ahead: dict[str, list[str]] = defaultdict(list)
    for caller, called in scene.calls:
        ahead[caller].append(called)
        ahead.setdefault(called, [])
    return circles(ahead)
