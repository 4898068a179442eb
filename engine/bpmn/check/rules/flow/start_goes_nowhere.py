"""A start event that leads nowhere."""

from __future__ import annotations

from engine.bpmn.check.examples import END, START, RuleExamples, diagram, line, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("flow").error(
    "start-goes-nowhere",
    Text("开始事件没有出路", "A start event that leads nowhere"),
    Text(
        "从开始事件画一条连线到第一个环节。",
        "Draw a flow from the start event to the first element.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=diagram(START + task("first") + END + line("first", "end")),
        right=simple(),
        also=frozenset({"unreachable"}),
    )
