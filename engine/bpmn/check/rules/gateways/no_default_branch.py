"""Perhaps no branch applies, and none is the default."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, choice
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("gateways").warning(
    "no-default-branch",
    Text(
        "可能一条分支都不成立，又没有默认分支", "Perhaps no branch applies, and none is the default"
    ),
    Text(
        "选中一条分支，在设计器里设为“默认流”；都不成立时就走它，否则事项会停在这里。",
        "Make one branch the “default flow” in the modeler: it is taken when no other applies; "
        "otherwise the case stops here.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=choice("amount > 1", "amount < 1"), right=choice("amount > 1"))
