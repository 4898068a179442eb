"""Very many branches."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, split, wide
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("sizes").warning(
    "many-branches",
    Text("并行分支太多", "Very many branches"),
    Text(
        "会同时打开大量待办；对很多单位做同一件事，用一个多实例环节。",
        "It opens as many tasks at once; to ask many units the same, use one multi-instance task.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=wide(60), right=split("parallelGateway", "parallelGateway"))
