"""Receive tasks: a message, drawn as a task."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.catching import Catching, waits
from engine.bpmn.elements.element import Element


class ReceiveTask(Catching, defaults.ReceiveTask):
    """A task that waits for a message."""


ELEMENT = Element(("receiveTask",), ReceiveTask, options=waits, events=frozenset({"message"}))
