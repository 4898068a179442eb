"""A DOCTYPE or entities."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").error(
    "xml-doctype",
    Text("含有 DOCTYPE 或实体声明", "A DOCTYPE or entities"),
    Text(
        "删除 <!DOCTYPE ...> 一段；流程文件从不需要它。",
        "Remove the <!DOCTYPE ...> part; a process file never needs one.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"p.bpmn": b'<!DOCTYPE definitions [<!ENTITY x "y">]>' + simple()}, right=simple()
    )
