"""A boundary event on a missing activity."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, boundary, flow, simple, timer
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("events").error(
    "missing-host",
    Text("边界事件没有依附的环节", "A boundary event on a missing activity"),
    Text(
        "把事件拖到一个存在的环节的边上。",
        "Drag the event onto the border of an existing activity.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(boundary("late", "gone", timer("P1D")) + flow("late", "end")),
        right=simple(boundary("late", "first", timer("P1D")) + flow("late", "end")),
    )
