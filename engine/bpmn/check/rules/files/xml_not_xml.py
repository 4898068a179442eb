"""Not an XML file."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").error(
    "xml-not-xml",
    Text("不是 XML 文件", "Not an XML file"),
    Text(
        "请选择流程设计器导出的 .bpmn 或 .dmn 文件，而不是网页、图片或文档。",
        "Choose a .bpmn or .dmn file exported by a modeler, not a web page, picture or document.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"p.bpmn": b"<!doctype html><html><body>process</body></html>"}, right=simple()
    )
