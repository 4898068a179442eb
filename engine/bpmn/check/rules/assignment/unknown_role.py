"""An unknown role."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").error(
    "unknown-role",
    Text("角色不存在", "An unknown role"),
    Text("在属性面板里从列表选择角色。", "Choose the role from the list in the properties panel."),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(task("second", role="mayor"), keys=("second",)),
        right=simple(task("second", role="leader"), keys=("second",)),
    )
