"""An element has no id."""

from __future__ import annotations

from engine.bpmn.check.examples import END, START, RuleExamples, diagram, line, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("identifiers").error(
    "missing-id",
    Text("元素没有编号（id）", "An element has no id"),
    Text(
        "在设计器里重新画这个元素，设计器会自动编号。",
        "Draw the element again; the modeler gives it an id.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=diagram(START + task("first") + END + line("start", "first", "end"), key=""),
        right=simple(),
    )
