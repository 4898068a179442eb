"""Parallel gateways: all ways at once."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.element import Element, Trait
from engine.bpmn.elements.join import Join
from feel.text import Text


class ParallelGateway(Join, defaults.ParallelGateway):
    """Waits for one token on every incoming flow, then takes every way out."""


ELEMENT = Element(
    {"parallelGateway": Text("并行网关", "parallel gateway")},
    ParallelGateway,
    traits=frozenset({Trait.GATEWAY, Trait.UNCONDITIONAL}),
)
