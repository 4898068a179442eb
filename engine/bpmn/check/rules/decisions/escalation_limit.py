"""A row of the table of limits cannot be used."""

from __future__ import annotations

from engine.bpmn.check.examples import RUNG, RuleExamples, ladder, limits
from engine.bpmn.check.findings import REGISTER, CheckRule
from engine.bpmn.nodes import LIMIT_UNITS
from feel.text import Text

RULE: CheckRule = REGISTER.group("decisions").error(
    "escalation-limit",
    Text("时限表的一行不能用", "A row of the table of limits cannot be used"),
    Text(
        f"limit 填不小于零的整数；limit_unit 可用 {'、'.join(LIMIT_UNITS)}。",
        f"limit is a whole number from zero; limit_unit is one of {', '.join(LIMIT_UNITS)}.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"escalation.dmn": ladder(RUNG, limits("-1", '"working_days"'))},
        right={"escalation.dmn": ladder(RUNG, limits("2", '"working_days"'))},
    )
