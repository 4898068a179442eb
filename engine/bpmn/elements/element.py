"""What is known of an element of BPMN: how it is called, what runs it, what it may hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.bpmn.nodes import Node
from feel.text import Text

CATCHABLE = frozenset({"timer", "message", "signal"})


def _nothing(_node: Node) -> Any:
    return {}


def _lacks_nothing(_node: Node) -> tuple[str, Text] | None:
    return None


@dataclass(frozen=True)
class Element:
    """One element: its names in diagrams, and the class that behaves as it.

    ``options`` are what the class is made with besides its name, ``events`` the kinds of event
    definitions that it may hold. ``lacks`` says what a node must have and has not, as the rule
    of the check that it breaks and the words for it.
    """

    kinds: tuple[str, ...]
    behaviour: Any
    options: Callable[[Node], dict[str, Any]] = _nothing
    events: frozenset[str] = frozenset()
    lacks: Callable[[Node], tuple[str, Text] | None] = _lacks_nothing
