"""The file is empty."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").error(
    "xml-empty",
    Text("文件是空的", "The file is empty"),
    Text(
        "重新从流程设计器导出，再上传。", "Export it again from the modeler and choose that file."
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong={"p.bpmn": b""}, right=simple())
