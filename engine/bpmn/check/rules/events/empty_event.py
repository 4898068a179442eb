"""A boundary event that waits for nothing."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, boundary, flow, simple, timer
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("events").error(
    "empty-event",
    Text("边界事件什么也不等", "A boundary event that waits for nothing"),
    Text(
        "给它选定时、消息、升级、错误或信号。",
        "Choose timer, message, escalation, error or signal for it.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(boundary("late", "first", "") + flow("late", "end")),
        right=simple(boundary("late", "first", timer("P1D")) + flow("late", "end")),
    )
