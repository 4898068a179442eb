"""Checked without the tree of units."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").info(
    "unit-not-seen",
    Text("没有和单位树核对", "Checked without the tree of units"),
    Text(
        "在页面上检查或发布时会与单位树核对；请先确认编码无误。",
        "The editor and publishing compare it with the tree of units; make sure of the code.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(task("second", unit='"公安局"'), keys=("second",)),
        right=simple(task("second"), keys=("second",)),
    )
