"""All elements that the engine runs, by their names in diagrams.

A new one is a file beside this one and a line in ``_FILES``.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final

from engine.bpmn.elements.element import Element, Trait
from feel.text import Text

_FILES: Final = (
    "user_task",
    "script_task",
    "service_task",
    "business_rule_task",
    "send_task",
    "receive_task",
    "call_activity",
    "sub_process",
    "exclusive_gateway",
    "parallel_gateway",
    "inclusive_gateway",
    "event_based_gateway",
    "start_event",
    "end_event",
    "intermediate_catch_event",
    "intermediate_throw_event",
    "boundary_event",
)


def _elements() -> dict[str, Element]:
    files = [import_module(f"engine.bpmn.elements.{name}") for name in _FILES]
    return {kind: file.ELEMENT for file in files for kind in file.ELEMENT.names}


def _with(trait: Trait) -> frozenset[str]:
    return frozenset(kind for kind, element in ELEMENTS.items() if trait in element.traits)


ELEMENTS: Final[Mapping[str, Element]] = MappingProxyType(_elements())
# What people call them.
KIND_NAMES: Final[Mapping[str, Text]] = MappingProxyType(
    {kind: element.names[kind] for kind, element in ELEMENTS.items()}
)
SUPPORTED_KINDS: Final = frozenset(ELEMENTS)
UNSUPPORTED_KINDS: Final = frozenset({"complexGateway", "transaction", "adHocSubProcess"}) - (
    SUPPORTED_KINDS
)
NODE_KINDS: Final = SUPPORTED_KINDS | UNSUPPORTED_KINDS
ACTIVITY_KINDS: Final = _with(Trait.ACTIVITY)
GATEWAY_KINDS: Final = _with(Trait.GATEWAY)
MANUAL_KINDS: Final = _with(Trait.MANUAL)
WAITING_KINDS: Final = _with(Trait.WAITS)
CATCHING_KINDS: Final = _with(Trait.CATCHES)
THROWING_KINDS: Final = _with(Trait.THROWS)
NAMED_KINDS: Final = _with(Trait.BY_NAME)
MESSAGE_KINDS: Final = _with(Trait.MESSAGE)
DECIDING_KINDS: Final = _with(Trait.DECIDES)
UNCONDITIONAL_KINDS: Final = _with(Trait.UNCONDITIONAL)
SCOPE_KINDS: Final = _with(Trait.SCOPE)
STOP_KINDS: Final = _with(Trait.STOP)
