"""No decision, or an unknown one."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, decided, form, rule, simple, table
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("decisions").error(
    "missing-decision",
    Text("没有指定决策表或决策不存在", "No decision, or an unknown one"),
    Text(
        "在属性面板里选择决策，并把 .dmn 文件一起检查、一起发布。",
        "Choose a decision in the properties panel, and check and publish its .dmn file together "
        "with the diagram.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={
            "p.bpmn": simple(decided('ref="gone" result="y"'), keys=("rule",)),
            "f.json": form("f/x", "x"),
        },
        right={
            "p.bpmn": simple(decided('ref="t" result="y"'), keys=("rule",)),
            "f.json": form("f/x", "x"),
            "t.dmn": table(rule("-", "1")),
        },
    )
