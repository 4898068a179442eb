"""A form definition is wrong."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, form, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").error(
    "bad-form",
    Text("表单定义有错", "A form definition is wrong"),
    Text("按提示修改该表单文件。", "Change the form file as the message says."),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"p.bpmn": simple(), "f.json": form("f/x", amount={"kind": "coin"})},
        right={"p.bpmn": simple(), "f.json": form("f/x")},
    )
