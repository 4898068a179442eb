"""A branch of a gateway without a condition."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, choice
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("gateways").error(
    "missing-condition",
    Text("网关的分支没有条件", "A branch of a gateway without a condition"),
    Text(
        "给每条分支写条件，只留一条不写，并把它设为“默认流”：其他分支都不成立时走它。",
        "Give every branch but one a condition, and make that one the “default flow”: it is taken "
        "when no other applies.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=choice("amount > 1", default=""), right=choice("amount > 1"))
