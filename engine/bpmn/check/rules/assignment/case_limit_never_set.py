"""Takes the case's limit, which nothing sets."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").warning(
    "case-limit-never-set",
    Text("时限取自事项，但没有环节设定它", "Takes the case's limit, which nothing sets"),
    Text(
        "加一个设定 limit 的决策表或动作 set_limit；或者直接填数字。",
        "Add a decision that sets “limit” or the action set_limit, or enter a number.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(task("second", limit="case"), keys=("second",)),
        right=simple(task("second", limit="3", limitUnit="days"), keys=("second",)),
    )
