"""A condition that has no effect here."""

from __future__ import annotations

from engine.bpmn.check.examples import DIRECT, RuleExamples, flow, node, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("gateways").warning(
    "condition-ignored",
    Text("这里的条件不起作用", "A condition that has no effect here"),
    Text(
        "并行网关和事件网关不看条件；要按条件选择，换成排他或包容网关。",
        "Parallel and event-based gateways ignore conditions; use an exclusive or inclusive one.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(
            node("parallelGateway", "g")
            + flow("first", "g")
            + flow("g", "end", 'case.level = "village"')
        ).replace(DIRECT, b""),
        right=simple(node("parallelGateway", "g"), keys=("g",)),
    )
