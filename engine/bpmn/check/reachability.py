"""Can a case get everywhere, and out again? Dead ends, islands, loops without people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from engine.bpmn.check.findings import ERROR, name_list
from engine.bpmn.check.fixes import ElementChange, Fix
from engine.bpmn.check.rules.flow import (
    automatic_loop,
    dead_end,
    misplaced_flow,
    never_ends,
    start_goes_nowhere,
    unreachable,
)
from engine.bpmn.check.subject import CheckedProcess, CheckSubject, Graph, is_manual
from engine.bpmn.elements.registry import ACTIVITY_KINDS, WAITING_KINDS
from engine.bpmn.labels import called_name
from engine.bpmn.nodes import Node
from feel.text import Text

NOWHERE = start_goes_nowhere.RULE
UNREACHABLE = unreachable.RULE
DEAD_END = dead_end.RULE
NEVER_ENDS = never_ends.RULE
AUTOMATIC_LOOP = automatic_loop.RULE
MISPLACED = misplaced_flow.RULE


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Check every scope of a process."""
    for graph in process.graphs:
        _misplaced(scene, graph)
        _dead_ends(scene, graph)
        starts = _starts(graph)
        reached = graph.reach(starts)
        _islands(scene, graph, reached)
        looping = _automatic_loops(scene, process, graph, reached)
        _endless(scene, process, graph, reached, looping)


def _starts(graph: Graph) -> list[str]:
    """Return where tokens appear. What another finding already explains counts as reached."""
    nodes = graph.nodes
    broken = {flow.target for flow in graph.broken_flows if flow.source not in nodes}
    starts = [
        node.id
        for node in nodes.values()
        if node.kind == "startEvent"
        or node.triggered
        or _is_link(node)
        or node.id in broken
        or (node.kind == "boundaryEvent" and node.attached_to not in nodes)
    ]
    if any(node.kind == "startEvent" for node in nodes.values()):
        return starts
    return starts + [key for key in nodes if not graph.into.get(key)]


def _is_link(node: Node) -> bool:
    """Return a link event: refused by name, so that its missing flows are no news."""
    return node.event is not None and node.event.kind == "link"


def _is_adrift(graph: Graph, node: Node) -> bool:
    """A boundary event without an activity under it, which is reported by another rule."""
    host = graph.nodes.get(node.attached_to)
    return node.kind == "boundaryEvent" and (host is None or host.kind not in ACTIVITY_KINDS)


def _misplaced(scene: CheckSubject, graph: Graph) -> None:
    for node in graph.nodes.values():
        name = called_name(node)
        if graph.into.get(node.id) and node.kind in ("startEvent", "boundaryEvent"):
            flow = graph.into[node.id][0]
            text = Text(f"有连线进入“{name}”。", f"A flow leads into “{name}”.")
            scene.find(MISPLACED, node, text, line=flow.line)
        if graph.out.get(node.id) and node.kind == "endEvent":
            flow = graph.out[node.id][0]
            text = Text(f"有连线从结束事件“{name}”出来。", f"A flow leaves the end event “{name}”.")
            scene.find(MISPLACED, node, text, line=flow.line)


def _dead_ends(scene: CheckSubject, graph: Graph) -> None:
    broken = {flow.source for flow in graph.broken_flows}
    for node in graph.nodes.values():
        done = (
            node.kind == "endEvent" or node.triggered or _is_link(node) or _is_adrift(graph, node)
        )
        if done or graph.out.get(node.id) or node.id in broken:
            continue
        name = called_name(node)
        if node.kind == "startEvent":
            text = Text(
                f"开始事件“{name}”没有出路，事项一开始就结束了。",
                f"The start event “{name}” leads nowhere: a case would end as it begins.",
            )
            scene.find(NOWHERE, node, text)
        else:
            text = Text(f"“{name}”之后没有连线。", f"Nothing follows “{name}”.")
            scene.find(DEAD_END, node, text)


def _islands(scene: CheckSubject, graph: Graph, reached: set[str]) -> None:
    """Name where each island begins, not everything on it."""
    lost = [key for key in graph.nodes if key not in reached]
    told: set[str] = set()
    heads = [key for key in lost if not any(f.source != key for f in graph.into.get(key, ()))]
    for key in heads + lost:
        node = graph.nodes[key]
        if key in told or (node.kind == "boundaryEvent" and node.attached_to not in reached):
            continue
        island = graph.reach([key]) - reached - told
        told |= island
        name, more = called_name(node), len(island) - 1
        text = Text(
            f"没有任何路径走到“{name}”" + (f"（以及它后面的{more}个元素）。" if more else "。"),
            f"No path leads to “{name}”" + (f" (nor to the {more} after it)." if more else "."),
        )
        changes = tuple(ElementChange("remove", node.file, lonely) for lonely in sorted(island))
        label = Text("删除这些元素", "Delete what no case reaches")
        scene.find(UNREACHABLE, node, text, fixes=[Fix(label, changes)])


def _automatic_loops(
    scene: CheckSubject, process: CheckedProcess, graph: Graph, reached: set[str]
) -> frozenset[str]:
    """Find circles in which nothing ever waits; give their nodes."""
    automatic = {
        key
        for key, node in graph.nodes.items()
        if key in reached and not waits(scene, process, node) and not _moves_on(node)
    }
    ahead = {key: [to for to in graph.after(key) if to in automatic] for key in automatic}
    looping: set[str] = set()
    order = {key: place for place, key in enumerate(graph.nodes)}
    for circle in circles(ahead):
        looping |= circle
        ordered = [graph.nodes[key] for key in sorted(circle, key=order.__getitem__)]
        node, names = ordered[0], name_list([called_name(each) for each in ordered])
        if all(target in circle for key in circle for target in graph.after(key)):
            text = Text(
                f"这些环节自动循环，没有任何出路：{names.zh}。",
                f"These run in a loop by themselves, and nothing leads out of it: {names.en}.",
            )
            scene.find(AUTOMATIC_LOOP, node, text, severity=ERROR)
            continue
        text = Text(
            f"这些环节自动循环，中间没有人工环节也没有等待：{names.zh}。",
            f"These run in a loop by themselves, with nobody and nothing to wait for: {names.en}.",
        )
        scene.find(AUTOMATIC_LOOP, node, text)
    return frozenset(looping)


def _moves_on(node: Node) -> bool:
    """Return whether it runs a few times at most: above the highest level nobody is left."""
    return node.action is not None and node.action.name == "hand_up"


def waits(scene: CheckSubject, process: CheckedProcess, node: Node, depth: int = 0) -> bool:
    """Return whether a case waits at this node, for a person, a message or a time."""
    if is_manual(node) or node.kind in WAITING_KINDS:
        return True
    if node.kind == "boundaryEvent":
        return node.event is None or node.event.kind != "error"
    if node.kind == "subProcess":
        inside = process.inside(node.id)
        return inside is not None and any(
            waits(scene, process, inner, depth + 1) for inner in inside.nodes.values()
        )
    if node.kind == "callActivity":
        return _call_waits(scene, node, depth)
    return False


def _call_waits(scene: CheckSubject, node: Node, depth: int) -> bool:
    source = scene.home.get(node.called_element)
    if source is None or depth > 20:
        return True
    called = scene.process(source, source.processes[node.called_element])
    return any(waits(scene, called, inner, depth + 1) for inner in called.nodes)


def _endless(
    scene: CheckSubject,
    process: CheckedProcess,
    graph: Graph,
    reached: set[str],
    looping: frozenset[str],
) -> None:
    broken = {flow.source for flow in graph.broken_flows}
    ends = [key for key in reached if not graph.out.get(key) or key in broken]
    back: dict[str, list[str]] = defaultdict(list)
    for key in reached:
        for target in graph.after(key):
            back[target].append(key)
    saved = _spread(ends, back)
    lost = {key: None for key in graph.nodes if key in reached and key not in saved}
    if not lost or lost.keys() & looping or _ended_from_outside(process, graph, reached):
        return
    # The circle is at fault, not the way into it.
    ahead = {key: [to for to in graph.after(key) if to in lost] for key in lost}
    turning = set().union(*circles(ahead))
    node = graph.nodes[next((key for key in lost if key in turning), next(iter(lost)))]
    text = Text(
        f"走到“{called_name(node)}”以后，不论怎么走都不会结束。",
        f"After “{called_name(node)}” no path ever ends.",
    )
    scene.find(NEVER_ENDS, node, text)


def _ended_from_outside(process: CheckedProcess, graph: Graph, reached: set[str]) -> bool:
    """Return whether a terminate or an interrupting event outside a branch can end it."""
    nodes = graph.nodes.values()
    if any(n.id in reached and n.event is not None and n.event.kind == "terminate" for n in nodes):
        return True
    inner = [process.inside(node.id) for node in nodes if node.triggered]
    starts = [n for g in inner if g is not None for n in g.nodes.values() if n.kind == "startEvent"]
    borders = [n for n in process.nodes if n.attached_to == graph.scope.id]
    return any(node.interrupting for node in starts + borders)


def _spread(starts: Iterable[str], ahead: Mapping[str, list[str]]) -> set[str]:
    seen = set(starts)
    stack = list(seen)
    while stack:
        for target in ahead.get(stack.pop(), ()):
            if target not in seen:
                seen.add(target)
                stack.append(target)
    return seen


def circles(ahead: Mapping[str, list[str]]) -> list[set[str]]:
    """Return the groups of nodes that lead to each other (Tarjan 1972, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    held: set[str] = set()
    found: list[set[str]] = []
    for start in ahead:
        if start in index:
            continue
        work = [(start, iter(ahead[start]))]
        index[start] = low[start] = len(index)
        stack.append(start)
        held.add(start)
        while work:
            node, rest = work[-1]
            target = next(rest, None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    group = _pop_until(stack, held, node)
                    if len(group) > 1 or node in ahead[node]:
                        found.append(group)
            elif target not in index:
                index[target] = low[target] = len(index)
                stack.append(target)
                held.add(target)
                work.append((target, iter(ahead[target])))
            elif target in held:
                low[node] = min(low[node], index[target])
    return found


def _pop_until(stack: list[str], held: set[str], node: str) -> set[str]:
    group = set()
    while True:
        top = stack.pop()
        held.discard(top)
        group.add(top)
        if top == node:
            return group
