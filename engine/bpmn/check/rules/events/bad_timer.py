"""A time that cannot be read or cannot be."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, node, simple, timer
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("events").error(
    "bad-timer",
    Text("时间写法无法识别或不可能", "A time that cannot be read or cannot be"),
    Text(
        "时长写 P5D（5天）、PT4H（4小时）、working days(3)（3个工作日）；时点写 2026-12-01T09:00；"
        "循环写 R3/P1D（每天一次共3次）。时长要大于零，循环次数至少为 1。",
        "Write a duration as P5D, PT4H or working days(3), a moment as 2026-12-01T09:00, a cycle "
        "as R3/P1D. A duration must be above zero and a cycle needs at least one round.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(node("intermediateCatchEvent", "wait", timer("P")), keys=("wait",)),
        right=simple(node("intermediateCatchEvent", "wait", timer("P5D")), keys=("wait",)),
    )
