"""A limit without a unit."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").warning(
    "limit-without-unit",
    Text("时限没有单位", "A limit without a unit"),
    Text(
        "选择时限单位：工作日、工作小时等。",
        "Choose its unit: working days, working hours and so on.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(task("second", limit="3"), keys=("second",)),
        right=simple(task("second", limit="3", limitUnit="days"), keys=("second",)),
    )
