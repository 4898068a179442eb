"""A flow has an end that does not exist."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, flow, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("flow").error(
    "dangling-flow",
    Text("连线的一端不存在", "A flow has an end that does not exist"),
    Text(
        "删除这条连线，重新从一个环节连到另一个环节；连线不能跨出子流程。",
        "Delete the flow and draw it again between two elements; a flow cannot cross the border "
        "of a subprocess.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=simple(flow("first", "gone")), right=simple())
