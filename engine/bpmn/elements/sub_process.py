"""Embedded subprocesses."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.element import Element
from engine.bpmn.elements.hosting import Host


class SubProcess(Host, defaults.SubWorkflowTask):
    """An embedded subprocess."""


ELEMENT = Element(("subProcess",), SubProcess, options=lambda node: {"subworkflow_spec": node.id})
