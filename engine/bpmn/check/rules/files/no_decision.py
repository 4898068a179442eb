"""The file holds no decision."""

from __future__ import annotations

from engine.bpmn.check.examples import DMN, RuleExamples, rule, table
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").warning(
    "no-decision",
    Text("文件里没有决策", "The file holds no decision"),
    Text(
        "在决策表编辑器里加一张表再导出。", "Add a table in the decision editor and export again."
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"t.dmn": f'<definitions xmlns="{DMN}" id="d" name="d" namespace="t"/>'.encode()},
        right={"t.dmn": table(rule("-", "1"))},
    )
