"""Boundary events, and what holds them and their activity together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.control import SimpleBpmnTask

from engine.bpmn.elements.catching import (
    Catching,
    JoinedTokens,
    cancel_others,
    complete,
    waits,
)
from engine.bpmn.elements.element import (
    CATCHABLE,
    Breach,
    Element,
    SpecBuilder,
    Trait,
)
from engine.bpmn.labels import called_name
from engine.bpmn.nodes import Node
from engine.bpmn.parsing import xml
from engine.bpmn.tokens import COMPLETED, Token
from feel.text import Text


class BoundaryEvent(Catching, defaults.BoundaryEvent):
    """An event on the border of an activity."""


class BoundarySplit(JoinedTokens, SimpleBpmnTask):
    """Holds an activity and the events on its border together."""

    def proceed(self, token: Token) -> None:
        """Arm the events, then start the activity."""
        host = self.open_border(token)
        host.task_spec._update(host)

    def open_border(self, token: Token) -> Token:
        """Arm the events and give the token of the activity, not yet started."""
        token._set_state(COMPLETED)
        specs = self._wf_spec.task_specs
        *events, host = [token.add(specs[name]) for name in self.members]
        for event in events:
            event.task_spec._update(event)
        return host

    def child_done(self, token: Token, child: Token) -> None:
        """A finished activity takes its events with it."""
        if not isinstance(child.task_spec, BoundaryEvent):
            cancel_others(token, child)

    def child_fired(self, token: Token, child: Token) -> None:
        """An interrupting event ends the activity at once; others may come again."""
        if not isinstance(child.task_spec, BoundaryEvent):
            return  # the activity itself is a task that receives
        if child.task_spec.interrupting:
            cancel_others(token, child)
        elif child.task_spec.schedule is not None:
            child.task_spec.rearm(child)
        else:
            again = token.add(child.task_spec)
            child.task_spec.arm(again)


def _parse(element: etree._Element) -> dict[str, Any]:
    return {
        "attached_to": xml.bare(element.get("attachedToRef", "")),
        "interrupting": xml.flag(element, "cancelActivity", default=True),
    }


def _options(node: Node) -> dict[str, Any]:
    return {**waits(node), "cancel_activity": node.interrupting}


def _lacks(node: Node) -> Iterator[Breach]:
    if not node.events:
        name = called_name(node)
        text = Text(f"边界事件“{name}”没有事件定义。", f"The border event “{name}” has no event.")
        yield "empty-event", text


def _complete(made: BoundaryEvent, node: Node, builder: SpecBuilder) -> None:
    made.interrupting = node.interrupting
    complete(made, node, builder)


ELEMENT = Element(
    {"boundaryEvent": Text("边界事件", "boundary event")},
    BoundaryEvent,
    traits=frozenset({Trait.CATCHES}),
    read=_parse,
    events=CATCHABLE | {"escalation", "error"},
    lacks=_lacks,
    options=_options,
    complete=_complete,
)
