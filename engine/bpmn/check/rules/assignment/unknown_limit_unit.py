"""An unknown unit of time."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").error(
    "unknown-limit-unit",
    Text("时限单位不存在", "An unknown unit of time"),
    Text(
        "选择小时、工作小时、工作日、天、月或年。",
        "Choose hours, working hours, working days, days, months or years.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(task("second", limit="2", limitUnit="fortnights"), keys=("second",)),
        right=simple(task("second", limit="2", limitUnit="working_days"), keys=("second",)),
    )
