"""A parallel join waits for a branch that is not taken."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, split
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("gateways").warning(
    "join-waits-for-ever",
    Text("并行汇聚在等不会来的分支", "A parallel join waits for a branch that is not taken"),
    Text(
        "前面是“选一条”的分开，这里用排他网关汇合；要等几条分支都完成，前面用并行网关分开。",
        "After a choice, merge with an exclusive gateway; to wait for several branches, split "
        "them with a parallel gateway.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=split("exclusiveGateway", "parallelGateway"),
        right=split("exclusiveGateway", "exclusiveGateway"),
    )
