"""What waits for a moment, a message or a signal, and what ties such waits together."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition

from engine.bpmn.assignment import assign
from engine.bpmn.elements.behaviour import NodeLife, Structure
from engine.bpmn.elements.element import SpecBuilder
from engine.bpmn.expressions import ElementExpression
from engine.bpmn.nodes import EventDefinition, Node
from engine.bpmn.schedule import FiringTime, Schedule
from engine.bpmn.tokens import COMPLETED, WAITING, Token

NOTHING = NoneEventDefinition()


class Catching(NodeLife):
    """A node that waits. Without anything to wait for it lets the token through."""

    event: EventDefinition | None = None
    schedule: Schedule | None = None
    unit: ElementExpression | None = None
    interrupting = False

    @property
    def catch_node(self) -> Node:
        """The node that says who may send the message."""
        return self.node

    def _update_hook(self, token: Token) -> bool:
        if self.event is None:
            return True
        self.arm(token)
        return False

    def arm(self, token: Token) -> None:
        """Begin to wait."""
        token._set_state(WAITING)
        if self.schedule is not None:
            self.set_moment(token, self.schedule.first(token.data, token.top.context))
        elif self.event is not None and self.event.kind == "message":
            token.internal_data.update(assign(self.catch_node, self.unit, token))

    def set_moment(self, token: Token, moment: FiringTime) -> None:
        """Keep the moment with the token."""
        token.internal_data["due"] = moment.at.isoformat()
        if moment.limit is not None:
            since = token.top.context.now.isoformat()
            token.internal_data["limit"] = [moment.limit.amount, moment.limit.unit, since]
        if moment.repeats_left != 1:
            token.internal_data["left"] = moment.repeats_left
            if moment.anchor is not None:
                token.internal_data["from"] = moment.anchor.isoformat()

    def fire(self, token: Token) -> None:
        """Continue: the awaited event has happened."""
        parent = token.parent
        if parent is not None and isinstance(parent.task_spec, JoinedTokens):
            parent.task_spec.child_fired(parent, token)
        token._ready()

    def rearm(self, token: Token) -> Token | None:
        """Wait once more for the next moment of a cycle, as a new token."""
        if self.schedule is None:
            return None
        kept = token.internal_data
        at = datetime.fromisoformat(kept["due"])
        anchor = datetime.fromisoformat(kept["from"]) if "from" in kept else None
        moment = self.schedule.next(at, kept.get("left", 1), token.data, token.top.context, anchor)
        if moment is None or token.parent is None:
            return None
        again = token.parent.add(self)
        again._set_state(WAITING)
        self.set_moment(again, moment)
        return again


class JoinedTokens(Structure):
    """A finished node that is kept because its children stand or fall together."""

    shown = False

    def child_fired(self, token: Token, child: Token) -> None:
        """Handle an event of a child before its token continues."""


def cancel_others(parent: Token, child: Token) -> None:
    """Cancel what is still open beside ``child``."""
    for other in parent.children:
        if other is not child and not other._state & COMPLETED:
            other.cancel()


def waits(_node: Node) -> dict[str, Any]:
    """Return what SpiffWorkflow wants of an event: ours waits by itself."""
    return {"event_definition": NOTHING}


def complete(made: Catching, node: Node, builder: SpecBuilder) -> None:
    """Make it wait for its own event; a message may come from people of its unit."""
    builder.waits(made, node, node.event)
    made.unit = builder.unit(node)
