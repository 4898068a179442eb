"""More than one plain start event."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, flow, node, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("flow").error(
    "many-starts",
    Text("不止一个普通开始事件", "More than one plain start event"),
    Text(
        "只留一个普通开始事件；其他入口用消息开始事件。",
        "Keep one plain start event; make the others message start events.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(node("startEvent", "other") + flow("other", "first")), right=simple()
    )
