"""End events, which may throw, and end their whole scope."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.behaviour import NodeLife
from engine.bpmn.elements.catching import waits
from engine.bpmn.elements.element import Element, Trait
from engine.bpmn.elements.throwing import raise_event
from engine.bpmn.tokens import CANCELLED, Token
from feel.text import Text


class EndEvent(NodeLife, defaults.EndEvent):
    """Throws what its definition says; a terminate event ends its whole scope."""

    def _run_hook(self, token: Token) -> bool:
        event = self.node.event
        if event is None:
            return True
        if event.kind == "terminate":
            for other in list(token.workflow.open_tokens()):
                if other is not token:
                    other.cancel()
        else:
            raise_event(event, self.node, token)
            if token._state == CANCELLED:
                # What caught it ended this scope, and with it this token: it was reached all
                # the same.
                self.note(token)
        return True


ELEMENT = Element(
    {"endEvent": Text("结束", "end")},
    EndEvent,
    traits=frozenset({Trait.THROWS, Trait.STOP}),
    events=frozenset({"message", "signal", "escalation", "error", "terminate"}),
    options=waits,
)
