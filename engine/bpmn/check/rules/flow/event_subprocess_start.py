"""An event subprocess starts in the wrong way."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, inner, node, simple, timer
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("flow").error(
    "event-subprocess-start",
    Text("事件子流程的开始事件不对", "An event subprocess starts in the wrong way"),
    Text(
        "事件子流程里放恰好一个开始事件，并给它选消息、定时、信号、升级或错误。",
        "Give it exactly one start event with a message, timer, signal, escalation or error.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(inner("sub", "", triggeredByEvent="true")),
        right=simple(
            inner("sub", "", triggeredByEvent="true").replace(
                node("startEvent", "in"), node("startEvent", "in", timer("P5D"))
            )
        ),
    )
