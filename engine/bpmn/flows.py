"""The flows of a definition by the node they leave, and which of them a step took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.bpmn.nodes import Flow, Node
from engine.bpmn.step import Step

ONE_WAY = ("exclusiveGateway", "eventBasedGateway")
SOME_WAYS = ("inclusiveGateway",)


@dataclass(frozen=True)
class FlowIndex:
    """The flows of a definition by the node they leave, to tell which a step took."""

    flows: Mapping[str, tuple[Flow, ...]]

    @classmethod
    def of(cls, flows: Iterable[Flow]) -> FlowIndex:
        """Sort flows by their source."""
        found: dict[str, list[Flow]] = {}
        for flow in flows:
            found.setdefault(flow.source, []).append(flow)
        return cls({source: tuple(ways) for source, ways in found.items()})

    @property
    def all(self) -> frozenset[str]:
        """The ids of all flows."""
        return frozenset(flow.id for ways in self.flows.values() for flow in ways)

    def of_step(self, step: Step, nodes: Mapping[str, Node]) -> Iterator[str]:
        """Yield the flows that a step took, as often as it took them.

        The engine tells the nodes, in the order they ended; what it arrived at comes last.
        """
        arrived = [task.node_id for task in step.opened_tasks]
        arrived += [timer.node_id for timer in step.timers]
        arrived += [caught.node_id for caught in step.waiting]
        for place, node in enumerate(step.passed_nodes):
            ways = self.flows.get(node, ())
            kind = nodes[node].kind if node in nodes else ""
            if len(ways) < 2 or kind not in (*ONE_WAY, *SOME_WAYS):
                yield from (flow.id for flow in ways)
                continue
            after = [*step.passed_nodes[place + 1 :], *arrived]
            found = [flow for flow in ways if flow.target in after]
            found.sort(key=lambda flow: after.index(flow.target))
            yield from (flow.id for flow in (found[:1] if kind in ONE_WAY else found))
