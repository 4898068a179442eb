"""The warning comes before the clock starts."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").warning(
    "warning-too-early",
    Text("预警提前量不小于时限", "The warning comes before the clock starts"),
    Text(
        "把预警提前量改得比时限小；否则环节打开时即显示将到期。",
        "Make it less than the limit; otherwise the lamp is yellow from the first minute.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(task("second", limit="3", limitUnit="days", warn="5"), keys=("second",)),
        right=simple(task("second", limit="3", limitUnit="days", warn="1"), keys=("second",)),
    )
