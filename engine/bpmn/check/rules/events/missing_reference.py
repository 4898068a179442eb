"""A message, signal, error or escalation that is missing."""

from __future__ import annotations

from engine.bpmn.check.examples import MESSAGE, WITHDRAWN, RuleExamples, boundary, flow, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("events").error(
    "missing-reference",
    Text(
        "引用的消息、信号、错误或升级不存在",
        "A message, signal, error or escalation that is missing",
    ),
    Text(
        "在属性面板里重新选择，或新建一个。",
        "Choose it again in the properties panel, or create it.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(boundary("back", "first", WITHDRAWN) + flow("back", "end")),
        right=simple(boundary("back", "first", WITHDRAWN) + flow("back", "end"), before=MESSAGE),
    )
