"""A version of a process, parsed once and shared by every case and thread that runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.bpmn.build import ProcessBuilder
from engine.bpmn.dependencies import Closure, closure, read_files
from engine.bpmn.elements.registry import MANUAL_KINDS
from engine.bpmn.errors import BadDiagram
from engine.bpmn.flows import FlowIndex
from engine.bpmn.kinds import Kinds, kinds_of, notation, readers
from engine.bpmn.nodes import Node, ProcessInfo
from engine.bpmn.rules import odd_names
from feel import Decision
from feel.kinds import Read

NOTHING_ASKED: Mapping[str, Kinds] = {}


@dataclass(frozen=True, eq=False)
class ProcessDefinition:
    """What running needs of a version; nothing in it changes while cases run.

    ``variables`` are the names that the version's expressions refer to: of all answers, only
    these go into a case's state. ``kinds`` are those among them whose JSON stands for something
    else, such as a date, in FEEL's notation. ``opens`` is the task that opening a case completes.
    """

    process: ProcessInfo
    processes: Mapping[str, ProcessInfo]
    nodes: Mapping[str, Node]
    opens: Node | None
    variables: frozenset[str]
    kinds: Mapping[str, str]
    readers: Mapping[str, Read]
    messages: frozenset[str]
    decisions: Mapping[str, Decision]
    spec: Any
    subprocess_specs: Mapping[str, Any]
    has_inclusive: bool
    flows: FlowIndex


def parse(
    files: Mapping[str, bytes],
    process_key: str,
    *,
    asked: Mapping[str, Kinds] = NOTHING_ASKED,
    kept: Mapping[str, str] | None = None,
) -> ProcessDefinition:
    """Build the version of ``process_key`` from its BPMN and DMN files, by file name.

    Only the processes that it calls, directly or not, become part of it. ``asked`` are the
    kinds of the forms' fields, from which those of all variables are found; a version that was
    published keeps its own, ``kept``, whatever is found today.
    Raises BadDiagram with everything that is wrong.
    """
    sources, decisions = read_files(files)
    found = closure(sources, decisions, process_key)
    kinds = _kinds(found, asked) if kept is None else dict(kept)
    by = readers(kinds)
    builder = ProcessBuilder(found, by)
    specs = builder.build()
    if found.faults or builder.faults:
        raise BadDiagram((*found.faults, *builder.faults))
    nodes: dict[str, Node] = {}
    for node in found.all_nodes():
        nodes.setdefault(node.id, node)
    return ProcessDefinition(
        process=found.processes[process_key],
        processes=found.processes,
        nodes=nodes,
        opens=_opens(found),
        variables=frozenset(builder.variables),
        kinds=kinds,
        readers=by,
        messages=frozenset(builder.messages),
        decisions=found.decisions,
        spec=specs.pop(process_key),
        subprocess_specs=specs,
        has_inclusive=builder.has_inclusive,
        flows=FlowIndex.of(flow for flows in found.flows.values() for flow in flows),
    )


def _kinds(found: Closure, asked: Mapping[str, Kinds]) -> dict[str, str]:
    names = odd_names(found.all_nodes())
    return notation(kinds_of(found.all_nodes(), found.decisions, asked, names))


def _opens(found: Closure) -> Node | None:
    """Return the named task, or the only one directly after the plain start event."""
    nodes = {node.id: node for node in found.nodes[found.key]}
    named = found.processes[found.key].opens
    if named:
        return nodes.get(named)
    starts = {node.id for node in nodes.values() if node.kind == "startEvent" and not node.events}
    after = {flow.target for flow in found.flows[found.key] if flow.source in starts}
    tasks = [nodes[key] for key in after if key in nodes and nodes[key].kind in MANUAL_KINDS]
    return tasks[0] if len(tasks) == 1 and len(after) == 1 else None
