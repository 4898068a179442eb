"""What the rules look at: one process or subprocess as a graph, and everything around it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from engine.bpmn.check.check_context import CheckContext
from engine.bpmn.check.findings import CheckRule, Finding
from engine.bpmn.check.fixes import Fix
from engine.bpmn.check.reading import Files
from engine.bpmn.elements.registry import MANUAL_KINDS
from engine.bpmn.labels import called_name, quoted
from engine.bpmn.nodes import Flow, Node, ParsedFile, ProcessInfo, Scope
from feel.text import Text

if TYPE_CHECKING:
    from feel.dmn import Decision
    from forms import Form


@dataclass(frozen=True)
class Graph:
    """One scope: its nodes, and flows of which both ends exist."""

    scope: Scope
    nodes: Mapping[str, Node]
    flows: tuple[Flow, ...]
    broken_flows: tuple[Flow, ...] = ()

    @cached_property
    def out(self) -> Mapping[str, list[Flow]]:
        """Flows by the node that they leave."""
        found: dict[str, list[Flow]] = defaultdict(list)
        for flow in self.flows:
            found[flow.source].append(flow)
        return found

    @cached_property
    def into(self) -> Mapping[str, list[Flow]]:
        """Flows by the node that they lead to."""
        found: dict[str, list[Flow]] = defaultdict(list)
        for flow in self.flows:
            found[flow.target].append(flow)
        return found

    @cached_property
    def borders(self) -> Mapping[str, list[Node]]:
        """Boundary events by the activity they sit on."""
        found: dict[str, list[Node]] = defaultdict(list)
        for node in self.nodes.values():
            if node.kind == "boundaryEvent":
                found[node.attached_to].append(node)
        return found

    def after(self, node_id: str) -> Iterator[str]:
        """Yield where a token at a node may be next, over flows and over the events on its
        border.
        """
        for flow in self.out.get(node_id, ()):
            yield flow.target
        for event in self.borders.get(node_id, ()):
            yield event.id

    def reach(self, starts: Collection[str]) -> set[str]:
        """Return every node that a token can get to from these."""
        seen = set(starts)
        stack = list(starts)
        while stack:
            for target in self.after(stack.pop()):
                if target not in seen:
                    seen.add(target)
                    stack.append(target)
        return seen


@dataclass(frozen=True)
class CheckedProcess:
    """A process with its scopes as graphs, the outer ones first."""

    source: ParsedFile
    info: ProcessInfo
    graphs: tuple[Graph, ...]

    @property
    def nodes(self) -> Iterator[Node]:
        """Every node, in subprocesses too."""
        return (node for graph in self.graphs for node in graph.nodes.values())

    @property
    def top(self) -> Graph:
        """The process's own scope."""
        return self.graphs[0]

    def inside(self, node_id: str) -> Graph | None:
        """Return what stands in a subprocess."""
        return next((graph for graph in self.graphs if graph.scope.id == node_id), None)


@dataclass
class CheckSubject:
    """All files of a check together, with the findings so far."""

    files: Files
    context: CheckContext = field(default_factory=CheckContext)
    findings: list[Finding] = field(default_factory=list)

    def find(
        self,
        rule: CheckRule,
        node: Node,
        message: Text,
        *,
        line: int | None = None,
        remedy: Text | None = None,
        severity: str | None = None,
        fixes: Sequence[Fix] = (),
        element: str | None = None,
    ) -> None:
        """Add a finding about a node, or about what leaves it."""
        self.findings.append(
            rule.finding(
                node.file,
                message,
                element=element or node.id,
                line=line or node.line,
                remedy=remedy,
                severity=severity,
                fixes=fixes,
            )  # fmt: skip
        )

    @cached_property
    def decisions(self) -> Mapping[str, Decision]:
        """Decisions by id and by name."""
        found: dict[str, Decision] = {}
        for model in self.files.models:
            found.update(model.decisions)
        return found

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        """The forms among the files, by key."""
        return self.files.forms

    @cached_property
    def form_keys(self) -> frozenset[str] | None:
        """The forms that exist, or None where that is not known."""
        if self.context.forms is None and not self.forms:
            return None
        return frozenset(self.forms) | (self.context.forms or frozenset())

    @cached_property
    def home(self) -> Mapping[str, ParsedFile]:
        """The file of each process; of two with one id, the first."""
        found: dict[str, ParsedFile] = {}
        for source in self.files.sources:
            for key in source.processes:
                found.setdefault(key, source)
        return found

    @cached_property
    def called_keys(self) -> frozenset[str]:
        """Processes that some call activity names."""
        return frozenset(
            node.called_element
            for source in self.files.sources
            for node in source.nodes.values()
            if node.kind == "callActivity"
        )

    @cached_property
    def calls(self) -> tuple[tuple[str, str], ...]:
        """Which process calls which."""
        return tuple(
            (source.scopes[node.scope].process, node.called_element)
            for source in self.files.sources
            for node in source.nodes.values()
            if node.kind == "callActivity" and node.scope in source.scopes
        )

    def processes_of(self, source: ParsedFile) -> list[ProcessInfo]:
        """Return the processes of a file that are meant to run; all if none says that it is."""
        runs = [info for info in source.processes.values() if info.executable]
        return runs or list(source.processes.values())

    def process(self, source: ParsedFile, info: ProcessInfo) -> CheckedProcess:
        """Prepare a process for the rules."""
        scopes = [scope for scope in source.scopes.values() if scope.process == info.key]
        return CheckedProcess(source, info, tuple(_graph(source, scope) for scope in scopes))


def _graph(source: ParsedFile, scope: Scope) -> Graph:
    nodes = {key: source.nodes[key] for key in scope.nodes}
    flows = [source.flows[key] for key in scope.flows]
    whole = tuple(flow for flow in flows if flow.source in nodes and flow.target in nodes)
    kept = {flow.id for flow in whole}
    broken = tuple(flow for flow in flows if flow.id not in kept)
    return Graph(scope, nodes, whole, broken)


def branch_name(flow: Flow, nodes: Mapping[str, Node]) -> Text:
    """Return what people know a branch by: its name, else where it leads; to stand in a
    sentence.
    """
    if flow.name.strip():
        name = quoted(" ".join(flow.name.split()))
        return Text(f"分支“{name}”", f"branch “{quoted(flow.name_en) or name}”")
    target = nodes.get(flow.target)
    if target is None:
        return Text(f"分支“{quoted(flow.id)}”", f"branch “{quoted(flow.id)}”")
    name = called_name(target)
    return Text(f"到“{name}”的分支", f"branch to “{quoted(target.name_en) or name}”")


def is_manual(node: Node) -> bool:
    """Return whether it waits for a person."""
    return node.kind in MANUAL_KINDS
