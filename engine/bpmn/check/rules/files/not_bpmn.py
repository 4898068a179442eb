"""Neither a BPMN 2.0 nor a DMN file."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").error(
    "not-bpmn",
    Text("不是 BPMN 2.0 或 DMN 文件", "Neither a BPMN 2.0 nor a DMN file"),
    Text(
        "从流程设计器导出“BPMN 2.0”或“DMN 1.1–1.5”格式。",
        "Export it from the modeler as “BPMN 2.0” or as “DMN 1.1 to 1.5”.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong={"p.bpmn": b"<letter><to>you</to></letter>"}, right=simple())
