"""An id is too long or has forbidden characters."""

from __future__ import annotations

from engine.bpmn.check.examples import END, START, RuleExamples, diagram, line, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("identifiers").error(
    "bad-id",
    Text("编号过长或含有不允许的字符", "An id is too long or has forbidden characters"),
    Text(
        "用字母、汉字、数字和下划线，不超过 64 个字。",
        "Use letters, digits and underscores, at most 64 characters.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=diagram(START + task("first") + END + line("start", "first", "end"), key="a/b"),
        right=simple(),
    )
