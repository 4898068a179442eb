"""Call activities: processes drawn in another diagram."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.element import Element
from engine.bpmn.elements.hosting import Host


class CallActivity(Host, defaults.CallActivity):
    """A process drawn in another diagram of the same version."""


ELEMENT = Element(
    ("callActivity",), CallActivity, options=lambda node: {"subworkflow_spec": node.called_element}
)
