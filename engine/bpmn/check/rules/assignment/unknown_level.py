"""An unknown level."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").error(
    "unknown-level",
    Text("级别不存在", "An unknown level"),
    Text(
        "选择省、市、县、乡镇、村、网格之一，或“当前处理级别（handling）”。",
        "Choose province, city, county, township, village or grid, or “handling”.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(task("second", level="galaxy"), keys=("second",)),
        right=simple(task("second", level="county"), keys=("second",)),
    )
