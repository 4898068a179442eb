"""A task goes on to whoever did one that is missing or no task."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").error(
    "unknown-assign",
    Text("“接着办”的环节不存在或不是人工环节", "Whose doer goes on is missing or no task"),
    Text(
        "“由办理这些环节的人接着办”只能填人工环节的编号，用空格分开；也可以填自己，重来时还由原来的人办。",
        "“Goes on to whoever did” takes the ids of user tasks, separated by spaces.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(task("second", assign="nobody"), keys=("second",)),
        right=simple(task("second", assign="first"), keys=("second",)),
    )
