"""One element in two lanes."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, lane
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").warning(
    "two-lanes",
    Text("同一环节在两个泳道里", "One element in two lanes"),
    Text("把它拖到其中一个泳道里。", "Drag it into one of the lanes."),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=lane("first", "first"), right=lane("first"))
