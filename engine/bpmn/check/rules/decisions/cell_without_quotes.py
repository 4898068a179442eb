"""A text in a cell without quotes."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, rule, table
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("decisions").warning(
    "cell-without-quotes",
    Text("单元格里的文字没有加引号", "A text in a cell without quotes"),
    Text(
        '文字要加英文双引号，例如 "土地"；不加引号的是变量名。',
        'Put a text in double quotes, such as "land"; without them it is the name of a variable.',
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"t.dmn": table(rule("5", "town") + rule("not(5)", '"x"'))},
        right={"t.dmn": table(rule("5", '"town"') + rule("not(5)", '"x"'))},
    )
