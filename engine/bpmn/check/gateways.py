"""Branches: may none of them be taken, is one always taken, can a join ever fire."""

from __future__ import annotations

from engine.bpmn.check import fixes
from engine.bpmn.check.findings import name_list
from engine.bpmn.check.fixes import Fix
from engine.bpmn.check.rules.gateways import (
    both_ways_taken,
    branches_not_joined,
    condition_ignored,
    default_with_condition,
    join_waits_for_ever,
    missing_condition,
    no_default_branch,
    unknown_default,
)
from engine.bpmn.check.satisfiability import Counterexample, untaken
from engine.bpmn.check.subject import CheckedProcess, CheckSubject, Graph, branch_name
from engine.bpmn.elements.registry import DECIDING_KINDS, GATEWAY_KINDS, UNCONDITIONAL_KINDS
from engine.bpmn.labels import called_name, quoted
from engine.bpmn.nodes import Flow, Node
from feel import Expression, FeelError, compile_expression
from feel.text import Text

NO_DEFAULT = no_default_branch.RULE
UNCONDITIONAL = missing_condition.RULE
DEFAULT_UNKNOWN = unknown_default.RULE
DEFAULT_CONDITION = default_with_condition.RULE
IGNORED_CONDITION = condition_ignored.RULE
BOTH_WAYS = both_ways_taken.RULE
JOIN_MISMATCH = join_waits_for_ever.RULE

NOT_JOINED = branches_not_joined.RULE

_PARTING = frozenset({"exclusiveGateway", "eventBasedGateway", "parallelGateway"})


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Check every node with ways out, and at every parallel join."""
    for graph in process.graphs:
        for node in graph.nodes.values():
            ways = graph.out.get(node.id, [])
            if node.kind in UNCONDITIONAL_KINDS:
                _blind(scene, graph, node, ways)
            elif node.kind not in GATEWAY_KINDS and len(ways) > 1:
                _both(scene, graph, node, ways)
            elif ways:
                _branches(scene, graph, node, ways)
            if len(graph.into.get(node.id, ())) > 1:
                _merge(scene, graph, node)


def _both(scene: CheckSubject, graph: Graph, node: Node, ways: list[Flow]) -> None:
    """Several ways out of something that is no gateway: those without a condition all open."""
    free = [flow for flow in ways if not flow.condition and flow.id != node.default]
    if len(free) > 1:
        names = name_list([called_name(graph.nodes[flow.target]) for flow in free])
        name = called_name(node)
        text = Text(
            f"“{name}”之后，{names.zh}会同时开始。",
            f"After “{name}” these begin at the same time: {names.en}.",
        )
        scene.find(BOTH_WAYS, node, text)
    _branches(scene, graph, node, ways)


def _blind(scene: CheckSubject, graph: Graph, node: Node, ways: list[Flow]) -> None:
    for flow in ways:
        if flow.condition:
            said = branch_name(flow, graph.nodes)
            text = Text(
                f"从“{called_name(node)}”出来的{said.zh}上有条件。",
                f"The {said.en} out of “{called_name(node)}” has a condition.",
            )
            mend = [_plain(flow, node, said)]
            scene.find(IGNORED_CONDITION, node, text, line=flow.line, fixes=mend)


def _branches(scene: CheckSubject, graph: Graph, node: Node, ways: list[Flow]) -> None:
    name = called_name(node)
    default = next((flow for flow in ways if flow.id == node.default), None)
    if node.default and default is None:
        text = Text(
            f"“{name}”的默认分支“{quoted(node.default)}”不是从它出去的连线。",
            f"The default branch “{quoted(node.default)}” of “{name}” does not leave from it.",
        )
        free = [flow for flow in ways if not flow.condition]
        nothing = Fix(
            Text("取消默认分支", "Have no default branch"),
            (fixes.attribute(node.file, node.id, default=None),),
        )
        mend = _default(free[0], node, branch_name(free[0], graph.nodes)) if free else nothing
        scene.find(DEFAULT_UNKNOWN, node, text, fixes=[mend])
        return
    if default is not None and default.condition:
        said = branch_name(default, graph.nodes)
        text = Text(
            f"“{name}”默认走的{said.zh}上有条件。",
            f"The default {said.en} of “{name}” has a condition.",
        )
        plain = [_plain(default, node, said)]
        scene.find(DEFAULT_CONDITION, node, text, line=default.line, fixes=plain)
    if node.kind in DECIDING_KINDS and len(ways) > 1:
        _unconditional(scene, graph, node, ways)
    if default is None and all(flow.condition for flow in ways):
        _may_all_fail(scene, graph, node, ways)


def _unconditional(scene: CheckSubject, graph: Graph, node: Node, ways: list[Flow]) -> None:
    free = [flow for flow in ways if not flow.condition and flow.id != node.default]
    if not free:
        return
    name, flow = called_name(node), free[0]
    said = [branch_name(each, graph.nodes) for each in free]
    zh, en = name_list([one.zh for one in said]).zh, name_list([one.en for one in said]).en
    text = Text(
        f"“{name}”有分支没有条件，也不是默认分支：{zh}。",
        f"“{name}” has branches with no condition that are not the default: {en}.",
    )
    remedy, mend = None, []
    if len(free) == 1 and not node.default:
        remedy = Text(
            f"把{said[0].zh}设为“默认流”，或给它写条件。",
            f"Make the {said[0].en} the “default flow”, or give it a condition.",
        )
        mend = [_default(flow, node, said[0])]
    scene.find(UNCONDITIONAL, node, text, line=flow.line, remedy=remedy, fixes=mend)


def _may_all_fail(scene: CheckSubject, graph: Graph, node: Node, ways: list[Flow]) -> None:
    conditions = _compiled(flow.condition for flow in ways)
    if conditions is None:
        # A broken condition is a finding of its own.
        return
    name = called_name(node)
    example = untaken(conditions, scene.forms.values())
    if example is None:
        return
    if example is Counterexample.UNKNOWN:
        text = Text(
            f"“{name}”的每条分支都有条件，没有默认分支；可能出现都不成立的情况。",
            f"Every branch of “{name}” has a condition and none is the default; perhaps none "
            "applies.",
        )
    else:
        text = Text(
            f"当 {example.text.zh} 时，“{name}”的分支没有一条成立，也没有默认分支。",
            f"With {example.text.en} no branch of “{name}” applies, and none is the default.",
        )
    mend = _default(ways[-1], node, branch_name(ways[-1], graph.nodes))
    scene.find(NO_DEFAULT, node, text, fixes=[mend])


def _compiled(sources: object) -> list[Expression] | None:
    try:
        return [compile_expression(source) for source in sources]  # type: ignore[attr-defined]
    except FeelError:
        return None


def _merge(scene: CheckSubject, graph: Graph, merge: Node) -> None:
    """Compare how branches part with how they come together.

    Only branches on which nothing else joins or splits are followed, so that what is
    found is certain.
    """
    if merge.kind in ("endEvent", "inclusiveGateway"):
        return
    origins = [_origin(graph, flow, merge.id) for flow in graph.into[merge.id]]
    for key in dict.fromkeys(origin for origin in origins if origin is not None):
        origin, count = graph.nodes[key], origins.count(key)
        if count > 1 and merge.kind == "parallelGateway" and origin.kind != merge.kind:
            text = Text(
                f"“{called_name(origin)}”只走一条分支，并行汇聚“{called_name(merge)}”却要等{count}条。",
                f"“{called_name(origin)}” takes one branch, but the parallel join "
                f"“{called_name(merge)}” waits for {count} of them.",
            )
            scene.find(JOIN_MISMATCH, merge, text)
        elif count > 1 and origin.kind == "parallelGateway" != merge.kind:
            text = Text(
                f"“{called_name(origin)}”分开的{count}条分支没有汇合，“{called_name(merge)}”会走{count}遍。",
                f"{count} branches of “{called_name(origin)}” are not joined; "
                f"“{called_name(merge)}” is passed {count} times.",
            )
            scene.find(NOT_JOINED, merge, text)


def _origin(graph: Graph, flow: Flow, merge: str) -> str | None:
    """Return the gateway that opened a merge's branch, following single flows backward."""
    seen = {merge}
    node = graph.nodes[flow.source]
    while node.id not in seen:
        seen.add(node.id)
        if node.kind in _PARTING and len(graph.out[node.id]) > 1:
            return node.id
        before = graph.into.get(node.id, ())
        if len(before) != 1 or len(graph.out.get(node.id, ())) > 1 or graph.borders.get(node.id):
            return None
        node = graph.nodes[before[0].source]
    return None


def _plain(flow: Flow, node: Node, said: Text) -> Fix:
    label = Text(f"删去{said.zh}的条件", f"Remove the condition of the {said.en}")
    return Fix(label, (fixes.condition(node.file, flow.id, None),))


def _default(flow: Flow, node: Node, said: Text) -> Fix:
    """Make a branch the default; a condition of its own would have no effect any more."""
    label = Text(f"把{said.zh}设为默认流", f"Make the {said.en} the default flow")
    changes = [fixes.attribute(node.file, node.id, default=flow.id)]
    if flow.condition:
        changes.append(fixes.condition(node.file, flow.id, None))
    return Fix(label, tuple(changes))
