"""Settings of another product."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, extended, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").info(
    "foreign-settings",
    Text("含有其他产品的设置", "Settings of another product"),
    Text(
        "请在属性面板里重新指定表单、角色、级别、动作和决策表。",
        "Set form, role, level, action and decision in the properties panel.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(
            task("second", extended("<camunda:properties/>"), form="f/x"), keys=("second",)
        ),
        right=simple(task("second"), keys=("second",)),
    )
