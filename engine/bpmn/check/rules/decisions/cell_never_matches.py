"""A cell of another type than its column."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, rule, table
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("decisions").warning(
    "cell-never-matches",
    Text("单元格与这一列的类型不符", "A cell of another type than its column"),
    Text(
        "让单元格与列的类型一致：数字不加引号，文字加英文双引号；或者改列的类型。",
        "Let cell and column agree: numbers without quotes, texts in double quotes; or change "
        "the type of the column.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"t.dmn": table(rule('"5"', "1") + rule("-", "2"), policy="FIRST")},
        right={"t.dmn": table(rule("5", "1") + rule("-", "2"), policy="FIRST")},
    )
