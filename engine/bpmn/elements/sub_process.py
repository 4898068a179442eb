"""Embedded subprocesses."""

from __future__ import annotations

from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.element import Element, Trait
from engine.bpmn.elements.hosting import Host
from feel.text import Text


class SubProcess(Host, defaults.SubWorkflowTask):
    """An embedded subprocess."""


def _parse(element: etree._Element) -> dict[str, Any]:
    return {"triggered": element.get("triggeredByEvent") == "true"}


ELEMENT = Element(
    {"subProcess": Text("子流程", "subprocess")},
    SubProcess,
    traits=frozenset({Trait.ACTIVITY, Trait.SCOPE, Trait.STOP}),
    read=_parse,
    options=lambda node: {"subworkflow_spec": node.id},
)
