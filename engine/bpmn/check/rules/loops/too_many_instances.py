"""Too many instances."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, each, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from engine.bpmn.elements.repeat import MAX_INSTANCES
from feel.text import Text

RULE: CheckRule = REGISTER.group("loops").error(
    "too-many-instances",
    Text("多实例太多", "Too many instances"),
    Text(
        f"一次最多 {MAX_INSTANCES} 个实例；请缩小集合，或改成循环分批处理。",
        f"At most {MAX_INSTANCES} instances at once; make the collection smaller, or work in "
        "batches with a loop.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(each("<loopCardinality>1000000</loopCardinality>"), keys=("again",)),
        right=simple(each("<loopCardinality>3</loopCardinality>"), keys=("again",)),
    )
