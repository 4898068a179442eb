"""Nobody is named to do it."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").warning(
    "no-role",
    Text("没有指定由谁办", "Nobody is named to do it"),
    Text(
        "在属性面板里给环节或它所在的泳道选择角色；没有角色的环节不会出现在任何人的待办里。",
        "Choose a role for the task or its lane in the properties panel; without one the task "
        "shows up on nobody's list.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(task("second", role=""), keys=("second",)),
        right=simple(task("second"), keys=("second",)),
    )
