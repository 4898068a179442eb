"""Start events: where a process or subprocess begins."""

from __future__ import annotations

from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.behaviour import NodeLife
from engine.bpmn.elements.catching import waits
from engine.bpmn.elements.element import CATCHABLE, Element, Trait
from engine.bpmn.parsing import xml
from feel.text import Text


class StartEvent(NodeLife, defaults.StartEvent):
    """Where a process, a subprocess or an event subprocess begins."""


def _parse(element: etree._Element) -> dict[str, Any]:
    return {"interrupting": xml.flag(element, "isInterrupting", default=True)}


ELEMENT = Element(
    {"startEvent": Text("开始", "start")},
    StartEvent,
    traits=frozenset({Trait.CATCHES}),
    read=_parse,
    events=CATCHABLE | {"escalation", "error"},
    options=waits,
)
