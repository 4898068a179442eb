"""The XML is cut off or damaged."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").error(
    "xml-broken",
    Text("XML 不完整或被改坏", "The XML is cut off or damaged"),
    Text(
        "重新从流程设计器导出完整的文件；用文本编辑器改过的，检查所指行附近的标签。",
        "Export the whole file again; if it was edited by hand, look at the tags near that line.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong={"p.bpmn": simple()[:400]}, right=simple())
