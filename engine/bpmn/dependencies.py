"""The files of one version: which processes a case can get into, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.bpmn.elements.registry import NAMED_KINDS
from engine.bpmn.errors import BadDiagram, BpmnFault, XmlRefused
from engine.bpmn.nodes import Flow, Node, ParsedFile, ProcessInfo, Scope
from engine.bpmn.parsing import xml
from engine.bpmn.parsing.processes import extract
from feel import Decision, FeelError, load_dmn
from feel.dmn import BrokenDecision
from feel.text import Text


@dataclass(frozen=True)
class Closure:
    """A process with everything it calls and the decisions beside it."""

    key: str
    processes: Mapping[str, ProcessInfo]
    scopes: Mapping[str, Scope]
    nodes: Mapping[str, tuple[Node, ...]]  # by scope
    flows: Mapping[str, tuple[Flow, ...]]  # by scope
    decisions: Mapping[str, Decision]
    faults: tuple[BpmnFault, ...]

    def all_nodes(self) -> Iterator[Node]:
        """Return every node of every process."""
        return (node for nodes in self.nodes.values() for node in nodes)


def read_files(files: Mapping[str, bytes]) -> tuple[list[ParsedFile], dict[str, Decision]]:
    """Read the BPMN and DMN files of a version.

    Raises BadDiagram for unreadable ones, and for a decision that cannot be used where a
    diagram wants it decided; one that nobody asks for does no harm.
    """
    sources: list[ParsedFile] = []
    decisions: dict[str, Decision] = {}
    broken: list[tuple[str, BrokenDecision]] = []
    faults: list[BpmnFault] = []
    for file, data in files.items():
        try:
            if file.lower().endswith(".dmn"):
                model = load_dmn(data)
                decisions.update(model.decisions)
                broken += [(file, one) for one in model.broken_decisions.values()]
            else:
                sources.append(extract(xml.load(data), file))
        except XmlRefused as error:
            faults.append(BpmnFault(error.rule, error.text, line=error.line, file=file))
        except FeelError as error:
            faults.append(BpmnFault("bad-decision", error.text, line=error.line, file=file))
    nodes = (node for source in sources for node in source.nodes.values())
    asked = {node.decision.ref for node in nodes if node.decision is not None}
    faults += [_unusable(file, one) for file, one in broken if asked & {one.id, one.name}]
    if faults:
        raise BadDiagram(faults)
    return sources, decisions


def _unusable(file: str, broken: BrokenDecision) -> BpmnFault:
    error = broken.fault()
    return BpmnFault("bad-decision", error.text, error.element, error.element_line, file)


def closure(sources: Iterable[ParsedFile], decisions: Mapping[str, Decision], key: str) -> Closure:
    """Follow the call activities from a process; raises BadDiagram if it does not exist."""
    return _Walk(list(sources), decisions).closure(key)


class _Walk:
    def __init__(self, sources: list[ParsedFile], decisions: Mapping[str, Decision]) -> None:
        self.sources = sources
        self.decisions = decisions
        self.faults: list[BpmnFault] = []
        self.home: dict[str, ParsedFile] = {}
        for source in sources:
            for key, info in source.processes.items():
                if key in self.home:
                    text = Text(f"流程“{key}”定义了两次。", f"The process “{key}” exists twice.")
                    self._fault("duplicate-process", text, key, info.line, source.file)
                self.home.setdefault(key, source)

    def closure(self, key: str) -> Closure:
        if key not in self.home:
            text = Text(f"文件中没有流程“{key}”。", f"The files hold no process “{key}”.")
            raise BadDiagram([BpmnFault("missing-process", text, key)])
        processes = self._reach(key)
        scopes = {
            name: scope
            for process in processes
            for name, scope in self.home[process].scopes.items()
            if scope.process == process
        }
        nodes = {
            name: tuple(self.home[scope.process].nodes[node] for node in scope.nodes)
            for name, scope in scopes.items()
        }
        flows = {
            name: tuple(self.home[scope.process].flows[flow] for flow in scope.flows)
            for name, scope in scopes.items()
        }
        self._same_ids(nodes)
        for file in {self.home[process].file for process in processes}:
            self.faults.extend(f for s in self.sources if s.file == file for f in s.faults)
        return Closure(key, processes, scopes, nodes, flows, self.decisions, tuple(self.faults))

    def _reach(self, key: str) -> dict[str, ProcessInfo]:
        """Return the processes in reach; a process that calls itself would never end."""
        found: dict[str, ProcessInfo] = {}
        stack: list[tuple[str, tuple[str, ...]]] = [(key, ())]
        while stack:
            name, path = stack.pop()
            source = self.home[name]
            found[name] = source.processes[name]
            for node in self._calls(source, name):
                if node.called_element in (*path, name):
                    self._recursive(node)
                elif node.called_element not in self.home:
                    self._missing(node)
                elif node.called_element not in found:
                    stack.append((node.called_element, (*path, name)))
        return found

    def _calls(self, source: ParsedFile, process: str) -> list[Node]:
        return [
            node
            for node in source.nodes.values()
            if node.kind == "callActivity" and source.scopes[node.scope].process == process
        ]

    def _recursive(self, node: Node) -> None:
        text = Text(
            f"调用活动“{node.name or node.id}”形成流程互相调用的死循环。",
            f"The call activity “{node.name or node.id}” makes processes call each other for ever.",
        )
        self._fault("recursive-call", text, node.id, node.line, node.file)

    def _missing(self, node: Node) -> None:
        text = Text(
            f"调用活动“{node.name or node.id}”引用的流程“{node.called_element}”不存在。",
            f"The call activity “{node.name or node.id}” calls the process "
            f"“{node.called_element}”, which does not exist.",
        )
        self._fault("missing-process", text, node.id, node.line, node.file)

    def _same_ids(self, nodes: Mapping[str, tuple[Node, ...]]) -> None:
        seen: dict[str, Node] = {}
        for node in (node for group in nodes.values() for node in group):
            other = seen.setdefault(node.id, node)
            if other is not node and NAMED_KINDS & {node.kind, other.kind}:
                text = Text(
                    f"同一版本的两个流程中都有编号为“{node.id}”的环节，请改用不同编号。",
                    f"Two processes of this version both have a step with the id “{node.id}”; "
                    "give one of them another id.",
                )
                self._fault("duplicate-id", text, node.id, node.line, node.file)

    def _fault(self, rule: str, text: Text, element: str, line: int | None, file: str) -> None:
        self.faults.append(BpmnFault(rule, text, element, line, file))
