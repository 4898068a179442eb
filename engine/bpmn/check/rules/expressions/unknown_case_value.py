"""A case has no such value."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, choice
from engine.bpmn.check.findings import REGISTER, CheckRule
from engine.bpmn.context import READABLE
from feel.text import Text

RULE: CheckRule = REGISTER.group("expressions").error(
    "unknown-case-value",
    Text("事项没有这个数据项", "A case has no such value"),
    Text(
        "可用：" + "、".join(f"case.{name}" for name in READABLE) + "。",
        "There are: " + ", ".join(f"case.{name}" for name in READABLE) + ".",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=choice('case.colour = "red"'), right=choice('case.level = "village"'))
