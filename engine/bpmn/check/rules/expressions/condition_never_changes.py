"""A condition that always comes to the same."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, choice
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("expressions").warning(
    "condition-never-changes",
    Text("条件的结果总是一样", "A condition that always comes to the same"),
    Text(
        "在条件里用到表单的答案；总要走的分支设为默认流，从不走的删去。",
        "Let it depend on answers; make a branch that is always taken the default and delete one "
        "that never is.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=choice('some k in ["a"] satisfies k = "a"'), right=choice("amount > 1")
    )
