"""A return target is missing or no task."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").error(
    "unknown-return",
    Text("退回目标不存在或不是人工环节", "A return target is missing or no task"),
    Text(
        "“可退回到”只能填人工环节的编号，用空格分开。",
        "“Can be returned to” takes the ids of user tasks, separated by spaces.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(task("second", returnTo="nobody"), keys=("second",)),
        right=simple(task("second", returnTo="first"), keys=("second",)),
    )
