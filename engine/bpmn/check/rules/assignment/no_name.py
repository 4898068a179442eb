"""A task without a name."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple, task, user_task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").warning(
    "no-name",
    Text("环节没有名称", "A task without a name"),
    Text(
        "填写名称；办事的人在待办里看到的就是它。",
        "Give it a name: it is what people see on their lists.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(user_task("second", ""), keys=("second",)),
        right=simple(task("second"), keys=("second",)),
    )
