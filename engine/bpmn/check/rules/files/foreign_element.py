"""An element of neither a process nor a table."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").error(
    "foreign-element",
    Text("含有不属于流程或决策表的元素", "An element of neither a process nor a table"),
    Text(
        "删除该元素；其他软件的内容只能放在 extensionElements、"
        "图形的 extension 或 documentation 里。",
        "Remove it; content of other programs belongs into extensionElements, the extension of a "
        "shape, or documentation.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=simple('<shopping xmlns="urn:list"/>'), right=simple())
