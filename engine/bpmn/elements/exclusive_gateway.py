"""Exclusive gateways: one way of several."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.behaviour import NodeLife, OutgoingFlow, default_way, holds
from engine.bpmn.elements.element import Element, Trait
from engine.bpmn.tokens import Token
from feel.text import Text


class ExclusiveGateway(NodeLife, defaults.ExclusiveGateway):
    """The first way whose condition holds, in the order of the diagram, else the default."""

    def choose(self, token: Token) -> tuple[OutgoingFlow, ...]:
        """Return exactly one way."""
        free = [way for way in self.ways if not way.default]
        if len(self.ways) == 1 and self.ways[0].condition is None:
            return self.ways
        for way in free:
            if holds(way, token):
                return (way,)
        return default_way(self)


ELEMENT = Element(
    {"exclusiveGateway": Text("排他网关", "exclusive gateway")},
    ExclusiveGateway,
    traits=frozenset({Trait.GATEWAY, Trait.DECIDES}),
)
