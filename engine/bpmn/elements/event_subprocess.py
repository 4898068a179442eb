"""Event subprocesses: set off while the scope around them runs."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.catching import Catching
from engine.bpmn.elements.element import Element
from engine.bpmn.elements.hosting import Host
from engine.bpmn.nodes import Node
from engine.bpmn.tokens import Token


class EventSubprocess(Host, Catching, defaults.EventSubprocess):
    """A subprocess that its start event sets off while the scope around it runs."""

    start_node: Node

    @property
    def catch_node(self) -> Node:
        """The start event inside says who may send the message."""
        return self.start_node

    def fire(self, token: Token) -> None:
        """Begin; an interrupting one ends everything else in its scope first."""
        if self.interrupting:
            for other in list(token.workflow.open_tokens()):
                if other is not token:
                    other.cancel()
        elif self.schedule is not None:
            self.rearm(token)
        elif token.parent is not None:
            self.arm(token.parent.add(self))
        self.open(token)


# Drawn as a subprocess that its start event triggers.
ELEMENT = Element({}, EventSubprocess, options=lambda node: {"subworkflow_spec": node.id})
