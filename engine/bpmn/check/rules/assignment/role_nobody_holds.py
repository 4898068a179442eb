"""Units in which nobody holds the role of a task."""

from __future__ import annotations

from engine.bpmn.check.check_context import CheckContext, RoleGap
from engine.bpmn.check.examples import RuleExamples, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").warning(
    "role-nobody-holds",
    Text("有单位没有人担任这个环节的角色", "Units in which nobody holds the role of a task"),
    Text(
        "请管理员在这些单位设岗并安排人员，或给环节换一个角色或级别；没有人的时候，任务会停在单位的待签收里。",
        "Let an administrator fill the post there, or choose another role or level; until then "
        "the task waits on the unit's list and nobody sees it.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(task("second", level="grid"), keys=("second",)),
        right=simple(task("second", level="township"), keys=("second",)),
        context=CheckContext(gaps={"handler": {"township": RoleGap(0, 6), "grid": RoleGap(4, 4)}}),
    )
