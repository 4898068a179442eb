"""An id with invisible signs or spaces."""

from __future__ import annotations

from engine.bpmn.check.examples import END, START, RuleExamples, diagram, line, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("identifiers").error(
    "unusable-id",
    Text("编号里有看不见的字符或空格", "An id with invisible signs or spaces"),
    Text(
        "用字母、汉字、数字、下划线和连字符重新编号。",
        "Use letters, digits, underscores and hyphens.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=diagram(START + task("first") + END + line("start", "first", "end"), key=".."),
        right=simple(),
    )
