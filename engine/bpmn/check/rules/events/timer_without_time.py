"""A timer without a time."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, node, simple, timer
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("events").error(
    "timer-without-time",
    Text("定时还没有填时间", "A timer without a time"),
    Text(
        "选中它，在属性面板里选“时长、时点、循环”之一并填写，例如 P7D（7天）、"
        "working days(7)（7个工作日）。",
        "Select it and enter a duration, a date or a cycle in the properties panel, such as P7D or "
        "working days(7).",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(node("intermediateCatchEvent", "wait", timer("")), keys=("wait",)),
        right=simple(node("intermediateCatchEvent", "wait", timer("P5D")), keys=("wait",)),
    )
