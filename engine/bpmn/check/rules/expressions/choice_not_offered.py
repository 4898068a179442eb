"""Compared with a choice that no form offers."""

from __future__ import annotations

from engine.bpmn.check.examples import KIND_OF, RuleExamples, choice
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("expressions").warning(
    "choice-not-offered",
    Text("比较的值不在表单的选项里", "Compared with a choice that no form offers"),
    Text(
        "改成表单里有的选项，或者在表单里加上这个选项。",
        "Compare with a choice that the form offers, or add this one to the form.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=choice('kind_of = "矿山"', kind_of=KIND_OF),
        right=choice('kind_of = "土地"', kind_of=KIND_OF),
    )
