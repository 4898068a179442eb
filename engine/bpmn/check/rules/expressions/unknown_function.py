"""There is no such function."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, choice
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("expressions").error(
    "unknown-function",
    Text("没有这个函数", "There is no such function"),
    Text(
        "只能用 FEEL 的内置函数（见 docs/feel）；其他产品的函数和程序不会执行。",
        "Only the built-in functions of FEEL exist (see docs/feel); functions of other products "
        "never run here.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=choice("globals() = 1"), right=choice("abs(amount) = 1"))
