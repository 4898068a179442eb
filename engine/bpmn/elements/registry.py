"""All elements that the engine runs, by their names in diagrams.

A new one is one more here, and its kind in ``engine/bpmn/nodes.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.bpmn.elements import (
    boundary_event,
    business_rule_task,
    call_activity,
    end_event,
    event_based_gateway,
    exclusive_gateway,
    inclusive_gateway,
    intermediate_catch_event,
    intermediate_throw_event,
    parallel_gateway,
    receive_task,
    script_task,
    service_task,
    start_event,
    sub_process,
    user_task,
)
from engine.bpmn.elements.element import Element

_ALL: Final = (
    user_task.ELEMENT,
    script_task.ELEMENT,
    service_task.ELEMENT,
    business_rule_task.ELEMENT,
    exclusive_gateway.ELEMENT,
    parallel_gateway.ELEMENT,
    inclusive_gateway.ELEMENT,
    event_based_gateway.ELEMENT,
    start_event.ELEMENT,
    intermediate_catch_event.ELEMENT,
    receive_task.ELEMENT,
    boundary_event.ELEMENT,
    intermediate_throw_event.ELEMENT,
    end_event.ELEMENT,
    sub_process.ELEMENT,
    call_activity.ELEMENT,
    service_task.SEND,
)
ELEMENTS: Final[Mapping[str, Element]] = MappingProxyType(
    {kind: element for element in _ALL for kind in element.kinds}
)
