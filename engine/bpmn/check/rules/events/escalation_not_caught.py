"""An escalation that nothing catches."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, boundary, flow, inner, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("events").warning(
    "escalation-not-caught",
    Text("抛出的升级没有人接", "An escalation that nothing catches"),
    Text(
        "在外层子流程的边上放一个升级边界事件，或加一个升级事件子流程；否则什么也不会发生。",
        "Put an escalation boundary event around it or add an event subprocess; otherwise "
        "nothing happens.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(
            inner("sub", '<escalationEventDefinition escalationRef="e"/>'),
            keys=("sub",),
            before='<escalation id="e" escalationCode="E"/>',
        ),
        right=simple(
            inner("sub", '<escalationEventDefinition escalationRef="e"/>')
            + boundary(
                "risen",
                "sub",
                '<escalationEventDefinition escalationRef="e"/>',
                cancelActivity="false",
            )
            + flow("risen", "end"),
            keys=("sub",),
            before='<escalation id="e" escalationCode="E"/>',
        ),
    )
