"""Half of a result."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, each, extended, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("loops").warning(
    "half-a-result",
    Text("多实例结果只填了一半", "Half of a result"),
    Text(
        "“结果列表”和“收集哪个变量”要么都填，要么都不填。",
        "Fill in both the list and the variable that is collected, or neither.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(each(extended('<gov:each in="[1]" as="u" out="all"/>')), keys=("again",)),
        right=simple(each(extended('<gov:each in="[1]" as="u"/>')), keys=("again",)),
    )
