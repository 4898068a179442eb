"""A lane lists an element that does not exist."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, lane
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").warning(
    "lane-missing-element",
    Text("泳道里登记了不存在的元素", "A lane lists an element that does not exist"),
    Text(
        "在设计器里把泳道里的环节稍微拖动一下再保存，泳道会重新登记。",
        "Move an element of the lane a little in the modeler and save; the lane is listed again.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=lane("first", "gone"), right=lane("first"))
