"""Wrong arguments of an action."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, service, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("elements").error(
    "action-arguments",
    Text("动作的参数不对", "Wrong arguments of an action"),
    Text(
        "按属性面板所列补上缺少的参数，删去多余的。",
        "Add the missing arguments that the properties panel lists, and remove the others.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(service("notify"), keys=("act",)),
        right=simple(
            service("notify", role='"leader"', level='"county"', text='"请关注"'), keys=("act",)
        ),
    )
