"""Intermediate catch events."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.catching import Catching, waits
from engine.bpmn.elements.element import CATCHABLE, Element


class CatchEvent(Catching, defaults.IntermediateCatchEvent):
    """An intermediate event that waits."""


ELEMENT = Element(("intermediateCatchEvent",), CatchEvent, options=waits, events=CATCHABLE)
