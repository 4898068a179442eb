"""Does every way to an end pass a place where the citizen has the answer?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.bpmn.check import fixes
from engine.bpmn.check.fixes import Fix
from engine.bpmn.check.rules.assignment import end_without_answer
from engine.bpmn.check.subject import CheckedProcess, CheckSubject, Graph
from engine.bpmn.labels import called_name
from engine.bpmn.nodes import ANSWERED, Flow, Node
from feel.text import Text

UNANSWERED = end_without_answer.RULE

_DEEPEST: Final = 20
# A place on the way, and whether the citizen has the answer there.
_Place = tuple[str, bool]


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Check every way through a process that says anywhere where the citizen has the answer."""
    if not any(_has_answer(one) for graph in process.graphs for one in _parts(graph)):
        return
    for node in _unanswered(scene, process, process.top, 0):
        name = called_name(node)
        text = Text(
            f"有一条路走到“{name}”，群众还没有得到答复。",
            f"A way leads to “{name}” on which the citizen has no answer.",
        )
        label = Text("把这个结束当作答复", "Let this end be the answer")
        change = fixes.gov(node.file, node.id, ANSWERED)
        scene.find(UNANSWERED, node, text, fixes=[Fix(label, (change,))])


def _has_answer(part: Node | Flow) -> bool:
    return bool(part.answer)


def _parts(graph: Graph) -> Iterator[Node | Flow]:
    yield from graph.nodes.values()
    yield from graph.flows


def _unanswered(
    scene: CheckSubject, process: CheckedProcess, graph: Graph, depth: int
) -> list[Node]:
    """Return the ends of a scope that a case can get to without an answer.

    Where some ends end everything, the others end a branch beside; and what runs beside a step
    that goes on ends no case.
    """
    ending = [node for node in graph.nodes.values() if node.kind == "endEvent"]
    final = [node for node in ending if node.event is not None and node.event.kind == "terminate"]
    starts = [key for key, node in graph.nodes.items() if node.kind == "startEvent"]
    starts = starts or [key for key in graph.nodes if not graph.into.get(key)]
    seen: set[_Place] = {(key, False) for key in starts}
    stack = list(seen)
    while stack:
        for place in _after(scene, process, graph, stack.pop(), beside=bool(final), depth=depth):
            if place not in seen:
                seen.add(place)
                stack.append(place)
    looked_at = final or ending
    return [node for node in looked_at if (node.id, False) in seen and node.answer != ANSWERED]


def _after(
    scene: CheckSubject,
    process: CheckedProcess,
    graph: Graph,
    place: _Place,
    *,
    beside: bool,
    depth: int,
) -> Iterator[_Place]:
    """Yield where a case may be next, and whether it is answered there."""
    key, answered = place
    node = graph.nodes[key]
    for event in graph.borders.get(key, ()):
        if event.interrupting or beside:
            yield event.id, answered
    if not answered and _answers_within(scene, process, node, depth):
        answered = True
    if node.answer:
        answered = node.answer == ANSWERED
    for flow in graph.out.get(key, ()):
        yield flow.target, flow.answer == ANSWERED if flow.answer else answered


def _answers_within(scene: CheckSubject, process: CheckedProcess, node: Node, depth: int) -> bool:
    """Return whether what a node holds or calls answers on each of its ways."""
    if depth > _DEEPEST:
        return False
    inner, graph = process, None
    if node.kind == "subProcess":
        graph = process.inside(node.id)
    elif node.kind == "callActivity" and node.called_element in scene.home:
        source = scene.home[node.called_element]
        inner = scene.process(source, source.processes[node.called_element])
        graph = inner.top
    if graph is None or not any(_has_answer(one) for one in _parts(graph)):
        return False
    return not _unanswered(scene, inner, graph, depth + 1)
