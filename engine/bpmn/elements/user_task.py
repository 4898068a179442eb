"""User, manual and plain tasks: work for a person."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.assignment import assign, counts_from, helpers
from engine.bpmn.elements.behaviour import NodeLife
from engine.bpmn.elements.element import Element, SpecBuilder, Trait
from engine.bpmn.expressions import ElementExpression
from engine.bpmn.nodes import Node
from engine.bpmn.tokens import Token
from feel.text import Text

_HELPERS = Text("协办单位", "helping units")
_FROM = Text("时限的起算日", "day from which the limit counts")
_FIRM = Text("时限能否停", "whether the limit stands firm")


class UserTask(NodeLife, defaults.UserTask):
    """Work for a person; whose it is gets fixed when it opens."""

    unit: ElementExpression | None = None
    limit_from: ElementExpression | None = None
    limit_firm: ElementExpression | None = None
    helpers: ElementExpression | None = None

    def _on_ready(self, token: Token) -> None:
        kept = assign(self.node, self.unit, token) | helpers(self.node, self.helpers, token)
        begun = counts_from(self.node, self.limit_from, self.limit_firm, token)
        token.internal_data.update(kept | begun)


def _complete(made: UserTask, node: Node, builder: SpecBuilder) -> None:
    made.unit = builder.unit(node)
    made.helpers = builder.compiler.formula(node, _HELPERS, node.helpers)
    made.limit_from = builder.compiler.formula(node, _FROM, node.limit_from)
    made.limit_firm = builder.compiler.formula(node, _FIRM, node.limit_firm)


ELEMENT = Element(
    {
        "userTask": Text("环节", "task"),
        "manualTask": Text("人工环节", "manual task"),
        "task": Text("普通环节", "plain task"),
    },
    UserTask,
    traits=frozenset({Trait.ACTIVITY, Trait.MANUAL, Trait.BY_NAME, Trait.STOP}),
    complete=_complete,
)
