"""A limit longer than the process's own."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, extended, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").warning(
    "limit-beyond-process",
    Text("环节时限比整个流程的时限还长", "A limit longer than the process's own"),
    Text(
        "改短这个环节的时限，或者放宽流程的总时限。",
        "Shorten the task's limit, or give the whole process more time.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(
            extended('<gov:process limit="2" limitUnit="days"/>')
            + task("second", limit="72", limitUnit="hours"),
            keys=("second",),
        ),
        right=simple(
            extended('<gov:process limit="4" limitUnit="days"/>')
            + task("second", limit="72", limitUnit="hours"),
            keys=("second",),
        ),
    )
