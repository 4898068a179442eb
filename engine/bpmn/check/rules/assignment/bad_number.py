"""A whole number above zero is needed."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").error(
    "bad-number",
    Text("应填正整数", "A whole number above zero is needed"),
    Text("填 1 到 999999 的整数，用半角数字。", "Enter a whole number from 1 to 999999."),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(task("second", limit="two", limitUnit="days"), keys=("second",)),
        right=simple(task("second", limit="2", limitUnit="days"), keys=("second",)),
    )
