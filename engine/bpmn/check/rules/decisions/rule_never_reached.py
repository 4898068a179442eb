"""A rule that an earlier one always hides."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, rule, table
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("decisions").warning(
    "rule-never-reached",
    Text("被前面的规则挡住，永远轮不到", "A rule that an earlier one always hides"),
    Text("把兜底的那一行移到最后。", "Move the row that matches everything to the end."),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"t.dmn": table(rule("-", "1") + rule("> 5", "2"), policy="FIRST")},
        right={"t.dmn": table(rule("> 5", "2") + rule("-", "1"), policy="FIRST")},
    )
