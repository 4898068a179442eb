"""A decision table without rules."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, rule, table
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("decisions").warning(
    "table-without-rules",
    Text("决策表没有规则", "A decision table without rules"),
    Text(
        "至少加一条规则；否则结果总是空的。",
        "Add at least one rule; otherwise there is never a result.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong={"t.dmn": table("")}, right={"t.dmn": table(rule("-", "1"))})
