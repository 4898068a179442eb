"""One event with several definitions."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, node, simple, timer
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("events").error(
    "multiple-events",
    Text("一个事件有多个定义", "One event with several definitions"),
    Text(
        "拆成几个事件，每个只等一件事。",
        "Split it into several events that wait for one thing each.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(node("intermediateCatchEvent", "x", timer("P1D") + timer("P2D")), keys=("x",)),
        right=simple(node("intermediateCatchEvent", "x", timer("P1D")), keys=("x",)),
    )
