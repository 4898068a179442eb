"""Send tasks: a message, or a named function of ours that sends."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.elements.element import Breach, Element, Trait
from engine.bpmn.elements.service_task import ActionTask, compile_arguments
from engine.bpmn.labels import called_name
from engine.bpmn.nodes import Node
from feel.text import Text


def _doubts(node: Node) -> Iterator[Breach]:
    if not node.events and node.action is None:
        name = called_name(node)
        yield "sends-nothing", Text(f"“{name}”什么也不发。", f"“{name}” sends nothing.")


ELEMENT = Element(
    {"sendTask": Text("发送动作", "send action")},
    ActionTask,
    traits=frozenset({Trait.ACTIVITY, Trait.THROWS, Trait.MESSAGE}),
    events=frozenset({"message"}),
    doubts=_doubts,
    complete=compile_arguments,
)
