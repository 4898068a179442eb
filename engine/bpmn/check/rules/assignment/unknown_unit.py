"""An unknown unit."""

from __future__ import annotations

from engine.bpmn.check.check_context import CheckContext
from engine.bpmn.check.examples import RuleExamples, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").error(
    "unknown-unit",
    Text("单位不存在", "An unknown unit"),
    Text(
        "填单位树里的单位编码或名称；按类别派单的，填 department 由分流表决定。",
        "Give a unit's code or name from the tree, or “department” to let a triage table decide.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(task("second", unit='"北极局"'), keys=("second",)),
        right=simple(task("second", unit='"公安局"'), keys=("second",)),
        context=CheckContext(units=frozenset({"公安局"})),
    )
