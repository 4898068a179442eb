"""A called process is missing."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, diagram, line, node, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("calls").error(
    "missing-process",
    Text("调用的流程不存在", "A called process is missing"),
    Text(
        "把被调用的流程文件一起检查、一起发布，或改正“被调用流程”的编号。",
        "Check and publish the called process's file together with this one, or correct the id.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(node("callActivity", "call", calledElement="gone"), keys=("call",)),
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
