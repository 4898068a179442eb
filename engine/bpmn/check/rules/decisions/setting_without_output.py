"""The table has no such output."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, decided, form, simple, two_outputs
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("decisions").error(
    "setting-without-output",
    Text("决策表没有这一列输出", "The table has no such output"),
    Text(
        "在决策表里加这一列，或从“写入事项”里删去它。",
        "Add the output to the table, or do not set it.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={
            "p.bpmn": simple(decided('ref="t" sets="limit"'), keys=("rule",)),
            "f.json": form("f/x", "x"),
            "t.dmn": two_outputs("y", "risk"),
        },
        right={
            "p.bpmn": simple(decided('ref="t" sets="risk"'), keys=("rule",)),
            "f.json": form("f/x", "x"),
            "t.dmn": two_outputs("y", "risk"),
        },
    )
