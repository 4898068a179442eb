"""A service task without an action."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, node, service, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("elements").error(
    "missing-action",
    Text("服务任务没有指定动作", "A service task without an action"),
    Text(
        "在属性面板里选择动作（如 hand_up 上报）；由人来做的改成用户任务。"
        "其他产品的程序类、脚本不会执行。",
        "Choose an action in the properties panel (such as hand_up), or make it a user task. "
        "Classes and scripts of other products never run here.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(node("serviceTask", "act"), keys=("act",)),
        right=simple(service("hand_up"), keys=("act",)),
    )
