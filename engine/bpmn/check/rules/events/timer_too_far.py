"""A time too far away to be meant."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, node, simple, timer
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("events").warning(
    "timer-too-far",
    Text("时间长得不像是真的", "A time too far away to be meant"),
    Text(
        "核对单位：P5D 是 5 天，P5M 是 5 个月，PT5M 是 5 分钟。",
        "Check the unit: P5D is days, P5M months, PT5M minutes.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(node("intermediateCatchEvent", "wait", timer("P500Y")), keys=("wait",)),
        right=simple(node("intermediateCatchEvent", "wait", timer("P5D")), keys=("wait",)),
    )
