"""No form."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").warning(
    "no-form",
    Text("没有表单", "No form"),
    Text(
        "在属性面板里选择表单；没有表单的环节只有一个“完成”按钮，填不了内容。",
        "Choose a form in the properties panel; without one there is only a button to finish it.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(task("second", form=""), keys=("second",)),
        right=simple(task("second"), keys=("second",)),
    )
