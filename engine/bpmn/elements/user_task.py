"""User, manual and plain tasks: work for a person."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.assignment import assign, counts_from, helpers
from engine.bpmn.elements.behaviour import Lean
from engine.bpmn.elements.element import Element
from engine.bpmn.expressions import Formula
from engine.bpmn.tokens import Token


class UserTask(Lean, defaults.UserTask):
    """Work for a person; whose it is gets fixed when it opens."""

    unit: Formula | None = None
    limit_from: Formula | None = None
    helpers: Formula | None = None

    def _on_ready(self, token: Token) -> None:
        kept = assign(self.node, self.unit, token) | helpers(self.node, self.helpers, token)
        token.internal_data.update(kept | counts_from(self.node, self.limit_from, token))


ELEMENT = Element(("userTask", "manualTask", "task"), UserTask)
