"""Processes that call each other without end."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, diagram, line, node, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("calls").error(
    "recursive-call",
    Text("流程互相调用，没有尽头", "Processes that call each other without end"),
    Text(
        "去掉其中一个调用；需要重来的，用连线回到前面的环节。",
        "Remove one of the calls; to repeat work, draw a flow back to an earlier element.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(node("callActivity", "call", calledElement="p"), keys=("call",)),
        right={
            "p.bpmn": simple(node("callActivity", "call", calledElement="q"), keys=("call",)),
            "q.bpmn": diagram(
                node("startEvent", "in")
                + task("work")
                + node("endEvent", "out")
                + line("in", "work", "out"),
                key="q",
            ),
        },
    )
