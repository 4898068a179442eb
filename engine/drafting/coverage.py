"""Which flows of a draft its scenarios take, and the others in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.bpmn.check import CheckReport
from engine.bpmn.dependencies import read_files
from engine.bpmn.nodes import Flow, Node
from engine.definitions.differences.diagrams import name_of
from feel.text import Text


@dataclass(frozen=True)
class FlowLabel:
    """A flow in words: from where, by which condition or name, to where."""

    id: str
    text: Text


@dataclass(frozen=True)
class FlowCoverage:
    """The flows that scenarios take, and those that none does; both empty where none was played."""

    taken_flows: tuple[str, ...] = ()
    untaken_flows: tuple[FlowLabel, ...] = ()

    @property
    def of(self) -> int:
        """How many flows there are."""
        return len(self.taken_flows) + len(self.untaken_flows)


def of_files(files: Mapping[str, bytes], report: CheckReport) -> FlowCoverage:
    """Return what the check's scenarios covered of the diagrams among these files."""
    played = {file.file: file.coverage for file in report.files if file.coverage is not None}
    if not played:
        return FlowCoverage()
    diagrams = {path: content for path, content in files.items() if path in played}
    sources, _decisions = read_files(diagrams)
    taken = [flow for covered in played.values() for flow in covered["taken"]]
    untaken = {flow for covered in played.values() for flow in covered["untaken"]}
    ways = [
        FlowLabel(flow.id, _words(flow, source.nodes))
        for source in sources
        for flow in source.flows.values()
        if flow.id in untaken
    ]
    return FlowCoverage(tuple(taken), tuple(ways))


def _words(flow: Flow, nodes: Mapping[str, Node]) -> Text:
    zh = f"{_name(nodes, flow.source).zh} → {_name(nodes, flow.target).zh}"
    en = f"{_name(nodes, flow.source).en} → {_name(nodes, flow.target).en}"
    why = flow.name or flow.condition
    if not why:
        return Text(zh, en)
    return Text(f"{zh}（{why}）", f"{en} ({flow.name_en or why})")


def _name(nodes: Mapping[str, Node], node_id: str) -> Text:
    node = nodes.get(node_id)
    if node is None:
        return Text(node_id, node_id)
    if not node.name.strip():
        return name_of(node)
    return Text(node.name, node.name_en or node.name)
