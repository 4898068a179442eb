"""The escalation table asks for something unknown."""

from __future__ import annotations

from typing import Final

from engine.bpmn.check.examples import RUNG, RuleExamples, ladder, limits
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

LADDER_INPUTS: Final = ("process", "step", "level", "category", "priority", "clock")
LIMIT_INPUTS: Final = ("process", "step", "level", "category", "risk", "priority", "clock")
RULE: CheckRule = REGISTER.group("decisions").error(
    "escalation-input",
    Text("升级表用了不知道的名称", "The escalation table asks for something unknown"),
    Text(
        f"升级表可用 {'、'.join(LADDER_INPUTS)}；时限表可用 {'、'.join(LIMIT_INPUTS)}。",
        f"The table knows {', '.join(LADDER_INPUTS)}; the limits know {', '.join(LIMIT_INPUTS)}.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"escalation.dmn": ladder(RUNG, limits("2", '"working_days"', "weather"))},
        right={"escalation.dmn": ladder(RUNG, limits("2", '"working_days"'))},
    )
