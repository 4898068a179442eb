"""An event-based gateway not followed by waiting."""

from __future__ import annotations

from engine.bpmn.check.examples import (
    DIRECT,
    SIGNAL,
    SIGNALLED,
    RuleExamples,
    line,
    node,
    simple,
    task,
    timer,
)
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("events").error(
    "event-gateway",
    Text("事件网关后面不是等待事件", "An event-based gateway not followed by waiting"),
    Text(
        "事件网关后面只能接定时、消息、信号的等待事件或接收任务；其他情况用排他网关。",
        "Only timer, message and signal catch events or receive tasks may follow; otherwise use "
        "an exclusive gateway.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(
            node("eventBasedGateway", "g") + task("a") + line("first", "g", "a", "end")
        ).replace(DIRECT, b""),
        right=simple(
            node("eventBasedGateway", "g")
            + node("intermediateCatchEvent", "a", timer("P1D"))
            + node("intermediateCatchEvent", "b", SIGNALLED)
            + line("first", "g", "a", "end")
            + line("g", "b", "end"),
            before=SIGNAL,
        ).replace(DIRECT, b""),
    )
