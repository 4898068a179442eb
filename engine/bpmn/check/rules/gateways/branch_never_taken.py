"""A branch that no case ever takes."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, choice
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("gateways").warning(
    "branch-never-taken",
    Text("永远不会走的分支", "A branch that no case ever takes"),
    Text(
        "改这条分支的条件，或者调整前面分支的条件；不再需要的就删除。",
        "Change its condition or those of the branches before it, or delete the branch.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=choice("amount > 5 and amount < 3"), right=choice("amount > 3 and amount < 5")
    )
