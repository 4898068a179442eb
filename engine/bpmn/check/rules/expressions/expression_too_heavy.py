"""An expression costs more than is allowed."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, choice
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("expressions").error(
    "expression-too-heavy",
    Text("表达式的计算量超过上限", "An expression costs more than is allowed"),
    Text(
        "缩小列表和区间；计算一次最多 20 万步。",
        "Make lists and ranges smaller; 200,000 steps is all.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=choice("count(for i in 1..1000000000 return i) > 1"),
        right=choice("count(for i in 1..10 return i) > amount"),
    )
