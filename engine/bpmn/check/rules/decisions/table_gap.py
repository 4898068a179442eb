"""Some cases have no rule."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, rule, table
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("decisions").warning(
    "table-gap",
    Text("有的情况没有规则", "Some cases have no rule"),
    Text(
        "加一条规则；或在最后加一行全是“-”的兜底规则（命中策略用 FIRST），或给输出设默认值。",
        "Add a rule, or a last row of “-” (with hit policy FIRST), or a default for the output.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"t.dmn": table(rule("< 5", "1") + rule("> 5", "2"))},
        right={"t.dmn": table(rule("< 5", "1") + rule(">= 5", "2"))},
    )
