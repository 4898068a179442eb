"""Service and send tasks: named functions of ours."""

from __future__ import annotations

from collections.abc import Mapping

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.actions import ACTIONS, ActionError, ActionRefused
from engine.bpmn.elements.behaviour import NodeLife
from engine.bpmn.elements.element import Element
from engine.bpmn.elements.throwing import raise_event, throw
from engine.bpmn.errors import EngineFault
from engine.bpmn.expressions import ElementExpression
from engine.bpmn.nodes import EventDefinition, Node
from engine.bpmn.tokens import CANCELLED, Token
from feel import to_json
from feel.text import Text


class ActionTask(NodeLife, defaults.ServiceTask):
    """A service or send task: a named function of ours, never code from the diagram."""

    arguments: Mapping[str, ElementExpression]

    def _run_hook(self, token: Token) -> bool:
        if self.node.action is not None:
            self._call(self.node.action.name, token)
        for event in self.node.events:
            raise_event(event, self.node, token)
        return True

    def _call(self, name: str, token: Token) -> None:
        run = token.top
        values = {
            key: to_json(formula.value(token.data, run.context))
            for key, formula in self.arguments.items()
        }
        try:
            run.context, effects = ACTIONS[name].call(self.node, run.context, values)
        except ActionError as error:
            self._business_error(error, token)
            return
        except ActionRefused as refused:
            read = [formula.variables for formula in self.arguments.values()]
            raise EngineFault(self.node.id, refused.text, frozenset().union(*read)) from refused
        run.effects.extend(effects)

    def _business_error(self, error: ActionError, token: Token) -> None:
        if throw("error", error.code, token):
            # An error ends its activity, whatever the handler then does.
            if not token._state & CANCELLED:
                token.cancel()
            return
        raise_event(EventDefinition("error", code=error.code), self.node, token)


def lacks(node: Node) -> tuple[str, Text] | None:
    """Return what a service task needs: an action. A send task may have a message instead."""
    if node.kind != "serviceTask" or node.action is not None:
        return None
    name = node.name or node.id
    return "missing-action", Text(f"服务任务“{name}”没有指定动作。", f"“{name}” names no action.")


ELEMENT = Element(("serviceTask",), ActionTask, lacks=lacks)
SEND = Element(("sendTask",), ActionTask, events=frozenset({"message"}))
