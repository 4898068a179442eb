"""No picture."""

from __future__ import annotations

from engine.bpmn.check.examples import PICTURE, RuleExamples, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").info(
    "no-picture",
    Text("没有图形信息", "No picture"),
    Text(
        "能运行，但页面上看不到图。请在设计器里打开并排好版再保存。",
        "It runs, but pages cannot show it. Open it in the modeler, lay it out and save.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong={"p.bpmn": simple().replace(PICTURE.encode(), b"")}, right=simple())
