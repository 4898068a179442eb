"""Diagrams too large for people, or for one step of the engine."""

from __future__ import annotations

from engine.bpmn.check.findings import REGISTER
from engine.bpmn.check.subject import CheckSubject, Process, called_name
from feel.text import Text

_GROUP = REGISTER.group("sizes")

MANY_NODES = 500
MANY_BRANCHES = 50

LARGE = _GROUP.warning(
    "very-large",
    Text("流程图太大", "A very large diagram"),
    Text(
        "能运行，但没有人看得清；把相对独立的部分拆成被调用的流程。",
        "It runs, but nobody can survey it; move parts into processes that are called.",
    ),
)
BRANCHES = _GROUP.warning(
    "many-branches",
    Text("并行分支太多", "Very many branches"),
    Text(
        "会同时打开大量待办；对很多单位做同一件事，用一个多实例环节。",
        "It opens as many tasks at once; to ask many units the same, use one multi-instance task.",
    ),
)


def check(scene: CheckSubject, process: Process) -> None:
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
