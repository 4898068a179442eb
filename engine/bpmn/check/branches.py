"""Branches that no case ever takes: nothing answered makes their condition the one that holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.bpmn.check.fixes import ElementChange, Fix
from engine.bpmn.check.rules.gateways import branch_never_taken
from engine.bpmn.check.satisfiability import never_taken
from engine.bpmn.check.subject import CheckedProcess, CheckSubject, Graph, branch_name
from engine.bpmn.check.variables import declared, is_open, nodes_of, relatives, sets
from engine.bpmn.labels import called_name
from engine.bpmn.nodes import Flow, Node
from feel import FeelError, compile_expression
from feel.text import Text

if TYPE_CHECKING:
    from forms import Form


NEVER_TAKEN = branch_never_taken.RULE


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Check every choice of one branch; the first condition that holds takes it."""
    forms = _forms(scene, process)
    # A condition that is wrong in another way has its finding already.
    told = {finding.element for finding in scene.findings}
    for graph in process.graphs:
        for node in graph.nodes.values():
            ways = graph.out.get(node.id, [])
            if node.kind == "exclusiveGateway" and not told & {flow.id for flow in ways}:
                _gateway(scene, graph, node, ways, forms)


def _forms(scene: CheckSubject, process: CheckedProcess) -> list[Form]:
    """Return the forms of the process whose fields nothing else fills in: only their choices
    come.
    """
    family = list(relatives(scene, process.info.key))
    if any(is_open(source, key) for source, key in family):
        return []
    names = declared(scene, process)
    nodes = [node for source, key in family for node in nodes_of(source, key)]
    asked = {node.form for node in nodes}
    written = frozenset().union(*(sets(scene, node, names) for node in nodes))
    forms = [form for key, form in scene.forms.items() if key in asked]
    return [form for form in forms if not form.names & written]


def _gateway(
    scene: CheckSubject, graph: Graph, node: Node, ways: list[Flow], forms: list[Form]
) -> None:
    chosen = [flow for flow in ways if flow.id != node.default]
    try:
        conditions = [compile_expression(flow.condition) for flow in chosen]
    except FeelError:
        # A broken or missing condition is a finding of its own.
        return
    for index in never_taken(conditions, forms):
        flow = chosen[index]
        name, said = called_name(node), branch_name(flow, graph.nodes)
        text = Text(
            f"不论怎么填，“{name}”的{said.zh}都不会被走到。",
            f"Whatever is answered, the {said.en} of “{name}” is never taken.",
        )
        label = Text(f"删除{said.zh}", f"Delete the {said.en}")
        mend = [Fix(label, (ElementChange("remove", node.file, flow.id),))]
        scene.find(NEVER_TAKEN, node, text, line=flow.line, fixes=mend, element=flow.id)
