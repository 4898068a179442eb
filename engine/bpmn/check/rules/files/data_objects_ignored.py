"""Data objects are only drawn."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").info(
    "data-objects-ignored",
    Text("数据对象只作图示", "Data objects are only drawn"),
    Text(
        "不用改。环节之间的数据来自表单、脚本和决策表，不经过画出的数据对象和数据存储。",
        "Nothing to do. Data come from forms, scripts and decisions, not from drawn data "
        "objects or stores.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=simple('<dataObject id="paper"/>'), right=simple())
