"""No way to any end."""

from __future__ import annotations

from engine.bpmn.check.examples import START, RuleExamples, diagram, line, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("flow").warning(
    "never-ends",
    Text("走不到任何结束", "No way to any end"),
    Text(
        "在循环里加一个网关，画一条走向结束事件的分支。",
        "Add a gateway to the loop with a branch that leads to an end event.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=diagram(
            START + task("first") + task("second") + line("start", "first", "second", "first")
        ),
        right=simple(task("second"), keys=("second",)),
    )
