"""Start events: where a process or subprocess begins."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.behaviour import NodeLife
from engine.bpmn.elements.catching import waits
from engine.bpmn.elements.element import CATCHABLE, Element


class StartEvent(NodeLife, defaults.StartEvent):
    """Where a process, a subprocess or an event subprocess begins."""


ELEMENT = Element(
    ("startEvent",), StartEvent, options=waits, events=CATCHABLE | {"escalation", "error"}
)
