"""An empty script."""

from __future__ import annotations

from engine.bpmn.check.examples import SCRIPT, RuleExamples, node, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("expressions").warning(
    "empty-script",
    Text("脚本是空的", "An empty script"),
    Text("写“变量名 = 表达式”，或删去这个环节。", "Write “name = expression”, or remove the task."),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(node("scriptTask", "set"), keys=("set",)), right=simple(SCRIPT, keys=("set",))
    )
