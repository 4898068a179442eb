"""User, manual and plain tasks: work for a person."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.assignment import assign, counts_from, helpers
from engine.bpmn.elements.behaviour import NodeLife
from engine.bpmn.elements.element import Element
from engine.bpmn.expressions import ElementExpression
from engine.bpmn.tokens import Token


class UserTask(NodeLife, defaults.UserTask):
    """Work for a person; whose it is gets fixed when it opens."""

    unit: ElementExpression | None = None
    limit_from: ElementExpression | None = None
    helpers: ElementExpression | None = None

    def _on_ready(self, token: Token) -> None:
        kept = assign(self.node, self.unit, token) | helpers(self.node, self.helpers, token)
        token.internal_data.update(kept | counts_from(self.node, self.limit_from, token))


ELEMENT = Element(("userTask", "manualTask", "task"), UserTask)
