"""A cycle that fires only once here."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, boundary, line, simple, task, timer
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("events").warning(
    "cycle-fires-once",
    Text("这里的循环只会触发一次", "A cycle that fires only once here"),
    Text(
        "要反复提醒，用不中断的边界事件（虚线）；只触发一次的，写时长即可。",
        "To remind again and again use a non-interrupting boundary event (dashed); otherwise "
        "write a duration.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(
            boundary("nag", "first", timer("R3/P1D", "timeCycle"))
            + task("chase")
            + line("nag", "chase", "end")
        ),
        right=simple(
            boundary("nag", "first", timer("R3/P1D", "timeCycle"), cancelActivity="false")
            + task("chase")
            + line("nag", "chase", "end")
        ),
    )
