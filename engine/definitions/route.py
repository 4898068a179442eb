"""The way of a case through its diagram: steps behind, steps ahead, what comes after a step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy.orm import Session

from engine.bpmn.dependencies import read_files
from engine.bpmn.elements.registry import GATEWAY_KINDS, MANUAL_KINDS, STOP_KINDS
from engine.bpmn.nodes import Flow, Node
from engine.definitions import versions
from feel.text import Text

# What a person recognises as a stop on the way; services and tables pass by unseen.
LONGEST_WAY = 12
DEEPEST = 40
JOINT = " · "


@dataclass(frozen=True)
class RouteBranch:
    """One way on from a step: the words on the branch, and the stop that it leads to."""

    label: Text
    node: Node


@dataclass(frozen=True)
class RouteStop:
    """One step of the strip above a case: ``done``, ``current`` or ``ahead``."""

    node: Node
    state: str


@dataclass(frozen=True)
class Route:
    """The flows of one version, for looking ahead."""

    nodes: Mapping[str, Node]
    flows: Mapping[str, tuple[Flow, ...]]

    def after(self, node_id: str) -> tuple[RouteBranch, ...]:
        """Return the stops that may follow a step, each once, with the words on the way there."""
        found: dict[tuple[str, str], RouteBranch] = {}
        self._follow(node_id, Text("", ""), found, set(), 0)
        return tuple(found.values())

    def way(self, passed: Iterable[str], current: Iterable[str]) -> tuple[RouteStop, ...]:
        """Return steps done, steps open, and the usual steps ahead."""
        now = [node_id for node_id in current if node_id in self.nodes]
        done = [node_id for node_id in passed if self._is_step(node_id) and node_id not in now]
        ahead = self._usual(now[-1], {*done, *now}) if now else []
        stops = [*((one, "done") for one in done), *((one, "current") for one in now)]
        stops += [(one, "ahead") for one in ahead]
        return tuple(RouteStop(self.nodes[one], state) for one, state in stops[-LONGEST_WAY:])

    def _is_step(self, node_id: str) -> bool:
        node = self.nodes.get(node_id)
        return node is not None and node.kind in MANUAL_KINDS

    def _is_button(self, node_id: str, target: Node) -> bool:
        """Return a message that may come at any time from now on: a button, no step that
        follows.
        """
        forks = self.nodes[node_id].kind == "parallelGateway"
        return forks and target.event is not None and target.event.kind == "message"

    def _follow(
        self,
        node_id: str,
        label: Text,
        found: dict[tuple[str, str], RouteBranch],
        seen: set[str],
        depth: int,
    ) -> None:
        if node_id in seen or depth > DEEPEST:
            return
        seen.add(node_id)
        for flow in self.flows.get(node_id, ()):
            target = self.nodes.get(flow.target)
            if target is None:
                continue
            if self._is_button(node_id, target):
                continue
            words = _joined(label, flow)
            if target.kind in STOP_KINDS:
                found.setdefault((words.zh, target.id), RouteBranch(words, target))
            else:
                self._follow(target.id, words, found, seen, depth + 1)

    def _usual(self, node_id: str, known: set[str]) -> list[str]:
        """Follow the default branches from a step until the end or a step that was there."""
        ahead: list[str] = []
        for _ in range(DEEPEST):
            node_id = self._next(node_id)
            if not node_id or node_id in known:
                break
            known = {*known, node_id}
            if self._is_step(node_id):
                ahead.append(node_id)
        return ahead

    def _next(self, node_id: str) -> str:
        flows = self.flows.get(node_id, ())
        node = self.nodes.get(node_id)
        if node is not None and node.kind in GATEWAY_KINDS and node.default:
            flows = tuple(flow for flow in flows if flow.id == node.default) or flows
        return flows[0].target if flows else ""


def _joined(label: Text, flow: Flow) -> Text:
    """Return words of the first branch and of the last: what is chosen, and what it depends on."""
    if not flow.name:
        return label
    first, first_en = label.zh.partition(JOINT)[0], label.en.partition(JOINT)[0]
    if not first:
        return Text(flow.name, flow.name_en)
    return Text(f"{first}{JOINT}{flow.name}", f"{first_en}{JOINT}{flow.name_en}")


def of_version(db: Session, version_id: int) -> Route:
    """Return the outlook of a published version, read at most once in this process."""
    if version_id not in _known:
        files = {
            path: content
            for path, content in versions.files_of(db, version_id).items()
            if path.endswith(".bpmn")
        }
        _known.setdefault(version_id, _parse(tuple(sorted(files.items()))))
    return _known[version_id]


@lru_cache(maxsize=64)
def _parse(files: tuple[tuple[str, bytes], ...]) -> Route:
    sources, _decisions = read_files(dict(files))
    nodes: dict[str, Node] = {}
    flows: dict[str, list[Flow]] = {}
    for source in sources:
        nodes.update(source.nodes)
        for flow in source.flows.values():
            flows.setdefault(flow.source, []).append(flow)
    return Route(nodes, {key: tuple(ways) for key, ways in flows.items()})


_known: dict[int, Route] = {}
