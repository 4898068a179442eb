"""Each element has a file with its behaviour, the events that it may hold, and what it needs."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from engine.bpmn import elements
from engine.bpmn.elements.element import Element
from engine.bpmn.elements.registry import ELEMENTS
from engine.bpmn.nodes import ACTIVITY_KINDS, SUPPORTED_KINDS


def test_it_knows_every_kind_that_diagrams_may_have():
    assert ELEMENTS.keys() == SUPPORTED_KINDS


def test_it_registers_the_element_of_every_file():
    files = [
        import_module(f"{elements.__name__}.{one.name}") for one in iter_modules(elements.__path__)
    ]
    registered = set(map(id, ELEMENTS.values()))

    for file in files:
        for element in vars(file).values():
            # An event subprocess is drawn as a subprocess, and named by nothing of its own.
            if isinstance(element, Element) and element.kinds:
                assert id(element) in registered, file.__name__


def test_only_events_and_tasks_for_messages_hold_events():
    holding = {kind for kind, element in ELEMENTS.items() if element.events}

    assert {kind for kind in holding if not kind.endswith("Event")} == {"receiveTask", "sendTask"}
    assert not holding & (ACTIVITY_KINDS - {"receiveTask", "sendTask"})
