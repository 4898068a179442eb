"""Intermediate catch events."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.catching import Catching, complete, waits
from engine.bpmn.elements.element import CATCHABLE, Element, Trait
from feel.text import Text


class CatchEvent(Catching, defaults.IntermediateCatchEvent):
    """An intermediate event that waits."""


ELEMENT = Element(
    {"intermediateCatchEvent": Text("等待事件", "catching event")},
    CatchEvent,
    traits=frozenset({Trait.WAITS, Trait.CATCHES, Trait.BY_NAME, Trait.STOP}),
    events=CATCHABLE,
    options=waits,
    complete=complete,
)
