"""A decision table is wrong."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, decided, form, rule, simple, table
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("decisions").error(
    "bad-decision",
    Text("决策表有错", "A decision table is wrong"),
    Text(
        "按提示在决策表编辑器里修改所指的单元格。",
        "Change the cell named in the decision table editor.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={
            "p.bpmn": simple(decided('ref="t" result="y"'), keys=("rule",)),
            "f.json": form("f/x", "x"),
            "t.dmn": table(rule("== 5", "1") + rule("not(5)", "2")),
        },
        right={
            "p.bpmn": simple(decided('ref="t" result="y"'), keys=("rule",)),
            "f.json": form("f/x", "x"),
            "t.dmn": table(rule("5", "1") + rule("not(5)", "2")),
        },
    )
