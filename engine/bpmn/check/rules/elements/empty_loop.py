"""A loop without bounds."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("elements").error(
    "empty-loop",
    Text("循环没有集合、次数或条件", "A loop without bounds"),
    Text(
        "多实例填集合或个数；循环填条件或最多次数。不需要重复的，去掉循环标记。",
        "Give a collection or a number, a loop condition or a maximum; or remove the marker.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(task("again", "<standardLoopCharacteristics/>"), keys=("again",)),
        right=simple(
            task("again", '<standardLoopCharacteristics loopMaximum="3"/>'), keys=("again",)
        ),
    )
