"""A loop whose condition always holds."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("loops").warning(
    "loop-never-stops",
    Text("循环条件永远成立", "A loop whose condition always holds"),
    Text(
        "写一个会变成不成立的条件，或填最多次数。",
        "Write a condition that can become false, or a maximum.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    always, loop = "<loopCondition>true</loopCondition>", "standardLoopCharacteristics"
    return RuleExamples(
        wrong=simple(task("again", f"<{loop}>{always}</{loop}>"), keys=("again",)),
        right=simple(task("again", f'<{loop} loopMaximum="3">{always}</{loop}>'), keys=("again",)),
    )
