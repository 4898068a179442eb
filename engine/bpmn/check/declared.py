"""What elements declare against themselves: each node is shown to the file of its element."""

from __future__ import annotations

from engine.bpmn.check.rules import rule_named
from engine.bpmn.check.subject import CheckedProcess, CheckSubject
from engine.bpmn.elements.registry import ELEMENTS


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Add what each node's element doubts of it."""
    for node in process.nodes:
        if node.kind in ELEMENTS:
            for name, text in ELEMENTS[node.kind].doubts(node):
                rule = rule_named(name)
                assert rule is not None, name
                scene.find(rule, node, text)
