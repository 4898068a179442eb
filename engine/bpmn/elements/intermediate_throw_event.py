"""Intermediate throw events."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.behaviour import NodeLife
from engine.bpmn.elements.catching import waits
from engine.bpmn.elements.element import Element, Trait
from engine.bpmn.elements.throwing import raise_event
from engine.bpmn.tokens import Token
from feel.text import Text


class ThrowEvent(NodeLife, defaults.IntermediateThrowEvent):
    """Throws what its definition says and goes on."""

    def _run_hook(self, token: Token) -> bool:
        event = self.node.event
        if event is not None:
            raise_event(event, self.node, token)
        return True


ELEMENT = Element(
    {"intermediateThrowEvent": Text("抛出事件", "throwing event")},
    ThrowEvent,
    traits=frozenset({Trait.THROWS}),
    events=frozenset({"message", "signal", "escalation"}),
    options=waits,
)
