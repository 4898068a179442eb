"""Script tasks: lines of ``name = expression``."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.behaviour import NodeLife
from engine.bpmn.elements.element import Element
from engine.bpmn.expressions import ScriptLines
from engine.bpmn.tokens import Token


class ScriptTask(NodeLife, defaults.ScriptTask):
    """Lines of ``name = expression``."""

    lines: ScriptLines | None = None

    def _run_hook(self, token: Token) -> bool:
        if self.lines is not None:
            run = token.top
            run.keep(token, self.lines.run(token.data, run.context))
        return True


ELEMENT = Element(("scriptTask",), ScriptTask, options=lambda _node: {"script": ""})
