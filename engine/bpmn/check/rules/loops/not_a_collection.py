"""Neither a list nor a whole number."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, each, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("loops").error(
    "not-a-collection",
    Text("多实例的集合不是列表，或个数不是整数", "Neither a list nor a whole number"),
    Text(
        "集合写列表变量，例如 departments；个数写 0 以上的整数。",
        "Give a variable that holds a list, such as departments, or a whole number of 0 or more.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(each("<loopCardinality>-1</loopCardinality>"), keys=("again",)),
        right=simple(each("<loopCardinality>3</loopCardinality>"), keys=("again",)),
    )
