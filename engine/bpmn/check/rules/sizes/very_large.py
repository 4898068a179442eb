"""A very large diagram."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, long, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("sizes").warning(
    "very-large",
    Text("流程图太大", "A very large diagram"),
    Text(
        "能运行，但没有人看得清；把相对独立的部分拆成被调用的流程。",
        "It runs, but nobody can survey it; move parts into processes that are called.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=long(501), right=simple())
