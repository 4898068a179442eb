"""Script tasks: lines of ``name = expression``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.behaviour import NodeLife
from engine.bpmn.elements.element import Breach, Element, SpecBuilder, Trait
from engine.bpmn.expressions import ScriptLines
from engine.bpmn.labels import called_name
from engine.bpmn.nodes import Node
from engine.bpmn.parsing import xml
from engine.bpmn.tokens import Token
from feel.text import Text


class ScriptTask(NodeLife, defaults.ScriptTask):
    """Lines of ``name = expression``."""

    lines: ScriptLines | None = None

    def _run_hook(self, token: Token) -> bool:
        if self.lines is not None:
            run = token.top
            run.keep(token, self.lines.run(token.data, run.context))
        return True


def _parse(element: etree._Element) -> dict[str, Any]:
    return {"script": xml.texts(element.find(xml.bpmn("script")))}


def _doubts(node: Node) -> Iterator[Breach]:
    if not node.script.strip():
        name = called_name(node)
        yield "empty-script", Text(f"“{name}”的脚本是空的。", f"The script of “{name}” is empty.")


def _complete(made: ScriptTask, node: Node, builder: SpecBuilder) -> None:
    made.lines = builder.compiler.script(node)


ELEMENT = Element(
    {"scriptTask": Text("脚本", "script")},
    ScriptTask,
    traits=frozenset({Trait.ACTIVITY}),
    read=_parse,
    doubts=_doubts,
    options=lambda _node: {"script": ""},
    complete=_complete,
)
