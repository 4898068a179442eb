"""An error that nothing catches."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, boundary, flow, inner, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("events").error(
    "error-not-caught",
    Text("抛出的错误没有人接", "An error that nothing catches"),
    Text(
        "在外层子流程或调用活动的边上放一个错误边界事件；只想结束事项的，改用终止结束事件。",
        "Put an error boundary event on the subprocess or call activity around it; to end the "
        "case use a terminate end event.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(
            inner("sub", '<errorEventDefinition errorRef="e"/>'),
            keys=("sub",),
            before='<error id="e" errorCode="E"/>',
        ),
        right=simple(
            inner("sub", '<errorEventDefinition errorRef="e"/>')
            + boundary("failed", "sub", '<errorEventDefinition errorRef="e"/>')
            + flow("failed", "end"),
            keys=("sub",),
            before='<error id="e" errorCode="E"/>',
        ),
    )
