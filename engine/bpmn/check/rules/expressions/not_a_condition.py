"""A condition that is neither true nor false."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, choice
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("expressions").error(
    "not-a-condition",
    Text("条件的结果不是“是/否”", "A condition that is neither true nor false"),
    Text(
        "写成比较，例如 amount > 5000，或一个是/否的字段。",
        "Compare something, such as amount > 5000, or name a yes/no field.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=choice("amount"), right=choice("amount > 1"))
