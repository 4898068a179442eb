"""An expression is wrong."""

from __future__ import annotations

from engine.bpmn.check.examples import Example, choice
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


def example() -> Example:
    """Return what breaks the rule, and what keeps it."""
    return Example(wrong=choice("amount == 1"), right=choice("amount = 1"))
