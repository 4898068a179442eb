"""A cycle that fires too often."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, boundary, line, simple, task, timer
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("events").warning(
    "timer-too-often",
    Text("循环间隔太短", "A cycle that fires too often"),
    Text(
        "把间隔改成至少一分钟；时钟每分钟才检查一次。",
        "Make it a minute or more; clocks are looked at once a minute.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(
            boundary("nag", "first", timer("R/PT1S", "timeCycle"), cancelActivity="false")
            + task("chase")
            + line("nag", "chase", "end")
        ),
        right=simple(
            boundary("nag", "first", timer("R3/P1D", "timeCycle"), cancelActivity="false")
            + task("chase")
            + line("nag", "chase", "end")
        ),
    )
