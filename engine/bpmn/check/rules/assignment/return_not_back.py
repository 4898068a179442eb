"""A return to something that does not come before."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").warning(
    "return-not-back",
    Text("“退回”到一个不在前面的环节", "A return to something that does not come before"),
    Text(
        "“可退回到”应填走到本环节之前经过的环节。",
        "List tasks that a case passes before it gets here.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(task("second", returnTo="third") + task("third"), keys=("second", "third")),
        right=simple(task("second", returnTo="first") + task("third"), keys=("second", "third")),
    )
