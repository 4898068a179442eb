"""Two timers after one event-based gateway."""

from __future__ import annotations

from engine.bpmn.check.examples import (
    DIRECT,
    SIGNAL,
    SIGNALLED,
    RuleExamples,
    line,
    node,
    simple,
    timer,
)
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("events").error(
    "event-gateway-timers",
    Text("一个事件网关后面有两个定时", "Two timers after one event-based gateway"),
    Text(
        "只留先到的那个定时；后一个改画成前一个之后的等待事件。",
        "Keep the one that comes first and draw the other as a waiting event after it.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(
            node("eventBasedGateway", "g")
            + node("intermediateCatchEvent", "a", timer("P1D"))
            + node("intermediateCatchEvent", "b", timer("P2D"))
            + line("first", "g", "a", "end")
            + line("g", "b", "end")
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
