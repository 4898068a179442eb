"""Two rules can match at once."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, rule, table
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("decisions").error(
    "table-overlap",
    Text("两条规则会同时命中", "Two rules can match at once"),
    Text(
        "改窄其中一条的条件；或者把命中策略改成“首个（FIRST）”，按行的先后决定。",
        "Narrow one of them, or change the hit policy to FIRST so that the order of rows decides.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"t.dmn": table(rule("< 5", "1") + rule(">= 3", "2"))},
        right={"t.dmn": table(rule("< 5", "1") + rule(">= 5", "2"))},
    )
