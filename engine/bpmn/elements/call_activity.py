"""Call activities: processes drawn in another diagram."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.element import Breach, Element, Trait
from engine.bpmn.elements.hosting import Host
from engine.bpmn.labels import called_name
from engine.bpmn.nodes import Node
from engine.bpmn.parsing import xml
from feel.text import Text


class CallActivity(Host, defaults.CallActivity):
    """A process drawn in another diagram of the same version."""


def _parse(element: etree._Element) -> dict[str, Any]:
    return {"called_element": xml.bare(element.get("calledElement", ""))}


def _doubts(node: Node) -> Iterator[Breach]:
    if not node.called_element:
        name = called_name(node)
        yield (
            "missing-process",
            Text(
                f"“{name}”没有写明调用哪个流程。", f"“{name}” does not say which process to call."
            ),
        )


ELEMENT = Element(
    {"callActivity": Text("调用的流程", "called process")},
    CallActivity,
    traits=frozenset({Trait.ACTIVITY, Trait.STOP}),
    read=_parse,
    doubts=_doubts,
    options=lambda node: {"subworkflow_spec": node.called_element},
)
