"""Inclusive gateways: every way whose condition holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.behaviour import OutgoingFlow, conditional
from engine.bpmn.elements.element import Element, SpecBuilder, Trait
from engine.bpmn.elements.join import Join
from engine.bpmn.nodes import Node
from engine.bpmn.reach import spread
from engine.bpmn.tokens import Token
from feel.text import Text


class InclusiveGateway(Join, defaults.InclusiveGateway):
    """Waits until no token can arrive any more on a flow that has none.

    A token counts that can still get to an empty flow without passing this gateway, unless
    it can get to one that has a token as well (BPMN 2.0.2, section 13.4.3).
    """

    def may_fire(self, token: Token) -> bool:
        """Wait for the rest to settle: only then is it known who may still come."""
        return False

    def choose(self, token: Token) -> tuple[OutgoingFlow, ...]:
        """Return every way whose condition holds."""
        if len(self.ways) == 1 and self.ways[0].condition is None:
            return self.ways
        return conditional(self, token)

    def try_fire(self, token: Token) -> bool:
        """Fire if nothing that is open elsewhere can still arrive."""
        got = token.internal_data["got"]
        empty, full = self._before(token, got)
        for other in token.workflow.open_tokens():
            place = other.task_spec.name
            if other is not token and place in empty and place not in full:
                return False
        self.fire(token)
        return True

    def _before(self, token: Token, got: Mapping[str, int]) -> tuple[set[str], set[str]]:
        """Return the nodes that lead to flows without a token, and those that lead to the
        others.
        """
        empty: set[str] = set()
        full: set[str] = set()
        back = token.workflow.spec.back
        for flow, source in zip(self.incoming, self.sources, strict=True):
            (full if flow in got else empty).update(spread(source, back, self.name))
        return empty, full


def _complete(_made: Any, _node: Node, builder: SpecBuilder) -> None:
    builder.has_inclusive = True


ELEMENT = Element(
    {"inclusiveGateway": Text("包容网关", "inclusive gateway")},
    InclusiveGateway,
    traits=frozenset({Trait.GATEWAY, Trait.DECIDES}),
    complete=_complete,
)
