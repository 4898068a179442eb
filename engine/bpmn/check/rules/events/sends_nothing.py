"""A send task that sends nothing."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, node, service, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("events").warning(
    "sends-nothing",
    Text("发送任务什么也不发", "A send task that sends nothing"),
    Text(
        "给它选择消息或动作（如 notify 通知）。",
        "Choose a message or an action (such as notify) for it.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(node("sendTask", "act"), keys=("act",)),
        right=simple(
            service("notify", "sendTask", role='"leader"', level='"county"', text='"请关注"'),
            keys=("act",),
        ),
    )
