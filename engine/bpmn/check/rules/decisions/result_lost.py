"""The result of a decision goes nowhere."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, decided, form, rule, simple, table
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("decisions").warning(
    "result-lost",
    Text("决策的结果没有去处", "The result of a decision goes nowhere"),
    Text(
        "填“结果变量”，或在“写入事项”里选择要更新的项。",
        "Name a result variable, or choose what to set.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={
            "p.bpmn": simple(decided('ref="t"'), keys=("rule",)),
            "f.json": form("f/x", "x"),
            "t.dmn": table(rule("-", "1")),
        },
        right={
            "p.bpmn": simple(decided('ref="t" result="y"'), keys=("rule",)),
            "f.json": form("f/x", "x"),
            "t.dmn": table(rule("-", "1")),
        },
    )
