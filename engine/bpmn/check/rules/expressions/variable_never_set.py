"""A variable that nothing sets."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, choice
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("expressions").warning(
    "variable-never-set",
    Text("用到的变量没有人填", "A variable that nothing sets"),
    Text(
        '核对变量名与表单字段名是否一致；如果本意是文字，请加英文双引号，例如 "土地"。',
        "Compare it with the names of the form fields; if a text is meant, put it in double "
        'quotes, such as "land".',
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=choice("amuont = 1"), right=choice("amount = 1"))
