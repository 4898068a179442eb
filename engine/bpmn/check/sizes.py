"""Diagrams too large for people, or for one step of the engine."""

from __future__ import annotations

from engine.bpmn.check.rules.sizes import many_branches, very_large
from engine.bpmn.check.subject import CheckedProcess, CheckSubject
from engine.bpmn.labels import called_name
from feel.text import Text

MANY_NODES = 500
MANY_BRANCHES = 50

LARGE = very_large.RULE
BRANCHES = many_branches.RULE


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Count nodes and branches."""
    count = sum(len(graph.nodes) for graph in process.graphs)
    if count > MANY_NODES:
        info = process.info
        text = Text(f"流程有{count}个元素。", f"The process has {count} elements.")
        scene.findings.append(LARGE.finding(info.file, text, element=info.key, line=info.line))
    for graph in process.graphs:
        for node in graph.nodes.values():
            ways = len(graph.out.get(node.id, ()))
            if ways > MANY_BRANCHES and node.kind != "exclusiveGateway":
                text = Text(
                    f"“{called_name(node)}”分出{ways}条分支。",
                    f"“{called_name(node)}” has {ways} branches.",
                )
                scene.find(BRANCHES, node, text)
