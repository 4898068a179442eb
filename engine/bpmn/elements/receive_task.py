"""Receive tasks: a message, drawn as a task."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.catching import Catching, waits
from engine.bpmn.elements.element import Element, SpecBuilder, Trait
from engine.bpmn.nodes import EventDefinition, Node
from feel.text import Text


class ReceiveTask(Catching, defaults.ReceiveTask):
    """A task that waits for a message."""


def _complete(made: ReceiveTask, node: Node, builder: SpecBuilder) -> None:
    # Without a message it waits for one of its own name.
    builder.waits(made, node, node.event or EventDefinition("message", node.name))
    made.unit = builder.unit(node)


ELEMENT = Element(
    {"receiveTask": Text("等待消息", "wait for a message")},
    ReceiveTask,
    traits=frozenset({Trait.ACTIVITY, Trait.WAITS, Trait.CATCHES, Trait.BY_NAME, Trait.MESSAGE}),
    events=frozenset({"message"}),
    options=waits,
    complete=_complete,
)
