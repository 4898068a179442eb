"""The default branch does not leave from here."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, choice
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("gateways").error(
    "unknown-default",
    Text("默认分支不是从这里出去的", "The default branch does not leave from here"),
    Text("在设计器里重新设定默认流。", "Choose the default flow again in the modeler."),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=choice("amount > 1", "amount <= 1", default="a-end"),
        right=choice("amount > 1", default="g-b"),
    )
