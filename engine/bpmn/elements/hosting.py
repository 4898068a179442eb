"""Activities whose work is a process of its own."""

from __future__ import annotations

from engine.bpmn.elements.behaviour import NodeLife
from engine.bpmn.instance import RunningScope
from engine.bpmn.tokens import STARTED, Token


class Host(NodeLife):
    """An activity whose work is a process of its own."""

    spec: str

    def _update_hook(self, token: Token) -> bool:
        self.open(token)
        return False

    def open(self, token: Token) -> RunningScope:
        """Start the process inside."""
        scope = self.enter(token)
        scope.begin()
        return scope

    def enter(self, token: Token) -> RunningScope:
        """Create the process inside without a token in it."""
        token._set_state(STARTED)
        return RunningScope(token.top.subprocess_specs[self.spec], token)
