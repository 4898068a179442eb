"""A row of the table of rhythms cannot be used."""

from __future__ import annotations

from typing import Final

from engine.bpmn.check.examples import RUNG, RuleExamples, ladder, rhythm
from engine.bpmn.check.findings import REGISTER, CheckRule
from engine.bpmn.nodes import LIMIT_UNITS
from feel.text import Text

RINGS: Final = ("opening", "at_once")
RULE: CheckRule = REGISTER.group("decisions").error(
    "escalation-rhythm",
    Text("节奏表的一行不能用", "A row of the table of rhythms cannot be used"),
    Text(
        f"every 和 top_every 填大于零的整数；两个时间单位可用 {'、'.join(LIMIT_UNITS)}；"
        f"role 从角色列表里选；rings 可用 {'、'.join(RINGS)}。",
        f"every and top_every are whole numbers from one; their units are among "
        f"{', '.join(LIMIT_UNITS)}; role is one of the roles; rings one of {', '.join(RINGS)}.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"escalation.dmn": ladder(RUNG, rhythm("0"))},
        right={"escalation.dmn": ladder(RUNG, rhythm("2"))},
    )
