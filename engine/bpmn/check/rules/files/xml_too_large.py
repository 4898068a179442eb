"""The file is too large."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").error(
    "xml-too-large",
    Text("文件太大", "The file is too large"),
    Text(
        "一个流程文件一般不到 200 KB。请删去内嵌的图片，或把大流程拆成几个互相调用的流程。",
        "A process file rarely exceeds 200 KB. Remove embedded pictures, or split the process "
        "into several that call each other.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong={"p.bpmn": simple() + b" " * 1024 * 1024}, right=simple())
