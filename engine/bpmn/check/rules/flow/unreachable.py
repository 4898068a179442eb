"""An element that no case ever reaches."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, flow, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("flow").warning(
    "unreachable",
    Text("永远走不到的环节", "An element that no case ever reaches"),
    Text(
        "从前面的环节画连线过来；不需要的就删除。",
        "Draw a flow to it from an earlier element, or delete it.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(task("island") + flow("island", "end")),
        right=simple(task("island"), keys=("island",)),
    )
