"""No such value of a case to set."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, decided, form, rule, simple, table
from engine.bpmn.check.findings import REGISTER, CheckRule
from engine.bpmn.context import SETTABLE
from feel.text import Text

RULE: CheckRule = REGISTER.group("decisions").error(
    "unknown-setting",
    Text("“写入事项”的名称不存在", "No such value of a case to set"),
    Text("可用：" + "、".join(SETTABLE) + "。", "There are: " + ", ".join(SETTABLE) + "."),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={
            "p.bpmn": simple(decided('ref="t" sets="colour"'), keys=("rule",)),
            "f.json": form("f/x", "x"),
            "t.dmn": table(rule("-", "1")),
        },
        right={
            "p.bpmn": simple(decided('ref="t" result="y"'), keys=("rule",)),
            "f.json": form("f/x", "x"),
            "t.dmn": table(rule("-", "1")),
        },
    )
