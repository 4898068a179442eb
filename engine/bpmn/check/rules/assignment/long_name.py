"""A name is too long."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple, user_task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").error(
    "long-name",
    Text("名称太长", "A name is too long"),
    Text(
        "名称不超过 120 个字；说明写在“文档”里。",
        "Use at most 120 characters; explain more in the documentation.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(user_task("second", "长" * 300), keys=("second",)),
        right=simple(user_task("second", "短"), keys=("second",)),
    )
