"""The condition of a default branch has no effect."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, choice
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("gateways").warning(
    "default-with-condition",
    Text("默认分支上的条件不起作用", "The condition of a default branch has no effect"),
    Text("删去条件，或取消默认流。", "Remove the condition, or let another branch be the default."),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=choice("amount > 1", "amount < 1", default="g-b"), right=choice("amount > 1")
    )
