"""A row of the escalation table cannot be used."""

from __future__ import annotations

from typing import Final

from engine.bpmn.check.examples import RUNG, RuleExamples, ladder, rung
from engine.bpmn.check.findings import REGISTER, CheckRule
from engine.bpmn.nodes import LIMIT_UNITS
from feel.text import Text

ACTS: Final = ("notify", "supervise", "reassign", "escalate")
RULE: CheckRule = REGISTER.group("decisions").error(
    "escalation-rung",
    Text("升级表的一行不能用", "A row of the escalation table cannot be used"),
    Text(
        f"after 和 levels_up 填不小于零的整数；unit 可用 {'、'.join(LIMIT_UNITS)}；"
        f"act 可用 {'、'.join(ACTS)}；role 从角色列表里选。",
        f"after and levels_up are whole numbers from zero; unit is one of "
        f"{', '.join(LIMIT_UNITS)}; act one of {', '.join(ACTS)}; role one of the roles.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"escalation.dmn": ladder(rung("1", '"working_days"', "1", '"mayor"', '"notify"'))},
        right={"escalation.dmn": ladder(RUNG)},
    )
