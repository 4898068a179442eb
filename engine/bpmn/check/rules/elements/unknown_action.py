"""An unknown action."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, service, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("elements").error(
    "unknown-action",
    Text("动作不存在", "An unknown action"),
    Text(
        "在属性面板里从列表选择动作。", "Choose the action from the list in the properties panel."
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(service("launch"), keys=("act",)),
        right=simple(service("hand_up"), keys=("act",)),
    )
