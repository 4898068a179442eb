"""A flow where none belongs."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, flow, node, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("flow").warning(
    "misplaced-flow",
    Text("连线连到了不该连的地方", "A flow where none belongs"),
    Text(
        "连线不能进入开始事件或边界事件，也不能从结束事件出来；请改连到环节上。",
        "A flow cannot lead into a start or boundary event, nor out of an end event; connect it "
        "to an activity.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(
            task("second") + node("endEvent", "out") + flow("end", "second") + flow("second", "out")
        ),
        right=simple(task("second"), keys=("second",)),
    )
