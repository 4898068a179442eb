"""No way out, and no end event."""

from __future__ import annotations

from engine.bpmn.check.examples import START, RuleExamples, diagram, line, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("flow").warning(
    "dead-end",
    Text("没有出路、也不是结束事件", "No way out, and no end event"),
    Text(
        "画连线到下一个环节；确实到此为止的，接一个结束事件。",
        "Draw a flow to the next element; if the case does end there, add an end event.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=diagram(START + task("first") + line("start", "first")), right=simple()
    )
