"""Service tasks: named functions of ours."""

from __future__ import annotations

from collections.abc import Iterator

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.actions import ACTIONS, ActionError, ActionRefused
from engine.bpmn.elements.behaviour import NodeLife
from engine.bpmn.elements.element import Breach, Element, SpecBuilder, Trait
from engine.bpmn.elements.throwing import raise_event, throw
from engine.bpmn.errors import EngineFault
from engine.bpmn.expressions import ElementExpression, ExpressionCompiler
from engine.bpmn.labels import called_name
from engine.bpmn.nodes import EventDefinition, Node
from engine.bpmn.tokens import CANCELLED, Token
from feel import to_json
from feel.text import Text

_ARGUMENT = Text("参数", "argument")


class ActionTask(NodeLife, defaults.ServiceTask):
    """A service or send task: a named function of ours, never code from the diagram."""

    arguments: dict[str, ElementExpression]

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


def check_action(node: Node, compiler: ExpressionCompiler) -> None:
    """Note an unknown action, and arguments that it lacks or does not know."""
    if node.action is None:
        return
    action = ACTIONS.get(node.action.name)
    if action is None:
        text = Text(
            f"没有名为“{node.action.name}”的动作。",
            f"There is no action named “{node.action.name}”.",
        )
        compiler.fault("unknown-action", node, text)
        return
    names = {name for name, _ in node.action.arguments}
    required = {*action.required_arguments}
    wrong = sorted((names - required - {*action.optional}) | (required - names))
    if wrong:
        listed = ", ".join(wrong)
        text = Text(
            f"动作“{action.name}”的参数不对：{listed}。",
            f"The action “{action.name}” has wrong or missing arguments: {listed}.",
        )
        compiler.fault("action-arguments", node, text)


def compile_arguments(made: ActionTask, node: Node, builder: SpecBuilder) -> None:
    """Compile the arguments of the action, and check that it takes them."""
    made.arguments = {}
    if node.action is None:
        return
    for name, source in node.action.arguments:
        formula = builder.compiler.formula(node, _ARGUMENT, source)
        if formula is not None:
            made.arguments[name] = formula
    check_action(node, builder.compiler)


def _lacks(node: Node) -> Iterator[Breach]:
    if node.action is None:
        name = called_name(node)
        text = Text(f"服务任务“{name}”没有指定动作。", f"“{name}” names no action.")
        yield "missing-action", text


ELEMENT = Element(
    {"serviceTask": Text("服务动作", "service action")},
    ActionTask,
    traits=frozenset({Trait.ACTIVITY}),
    lacks=_lacks,
    complete=compile_arguments,
)
