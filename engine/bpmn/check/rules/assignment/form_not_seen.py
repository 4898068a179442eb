"""Checked without its forms."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, form, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").info(
    "form-not-seen",
    Text("没有和表单一起检查", "Checked without its forms"),
    Text(
        "连同表单一起检查，例如 fengqiao check processes forms；"
        "否则表单是否存在、变量是否有人填都没有核对。",
        "Check the diagram with its forms, such as fengqiao check processes forms; without them "
        "nobody has looked whether they exist and set the variables that are read.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=simple(), right={"p.bpmn": simple(), "f.json": form("f/x")})
