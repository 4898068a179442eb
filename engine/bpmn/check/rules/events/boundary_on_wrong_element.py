"""A boundary event that is not on an activity."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, boundary, flow, node, simple, timer
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("events").error(
    "boundary-on-wrong-element",
    Text("边界事件不在环节上", "A boundary event that is not on an activity"),
    Text(
        "把事件拖到任务或子流程的边上；网关和事件不能有边界事件。",
        "Drag the event onto the border of a task or subprocess; gateways and events have none.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(
            node("parallelGateway", "g")
            + boundary("late", "g", timer("P1D"))
            + flow("late", "end"),
            keys=("g",),
        ),
        right=simple(boundary("late", "first", timer("P1D")) + flow("late", "end")),
    )
