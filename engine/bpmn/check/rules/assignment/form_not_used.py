"""A form that no task asks."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, form, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").warning(
    "form-not-used",
    Text("没有环节使用的表单", "A form that no task asks"),
    Text(
        "在需要它的环节上选择这张表单；不再需要的就删除。",
        "Choose it at the task that needs it, or delete it.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"p.bpmn": simple(), "x.json": form("f/x"), "old.json": form("p/old")},
        right={"p.bpmn": simple(), "x.json": form("f/x")},
    )
