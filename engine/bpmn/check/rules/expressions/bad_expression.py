"""An expression is wrong."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, choice
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("expressions").error(
    "bad-expression",
    Text("表达式写法有误", "An expression is wrong"),
    Text(
        '按提示用 FEEL 改写，例如 amount > 5000 and category = "土地"。',
        'Rewrite it in FEEL, such as amount > 5000 and category = "land".',
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=choice("amount == 1"), right=choice("amount = 1"))
