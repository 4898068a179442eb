"""Event-based gateways: whatever happens first decides."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.catching import JoinedTokens, cancel_others, waits
from engine.bpmn.elements.element import Element
from engine.bpmn.tokens import Token


class EventGateway(JoinedTokens, defaults.EventBasedGateway):
    """Whatever happens first decides: the other events are no longer waited for."""

    shown = True

    def child_fired(self, token: Token, child: Token) -> None:
        """Stop waiting for the others."""
        cancel_others(token, child)


ELEMENT = Element(("eventBasedGateway",), EventGateway, options=waits)
