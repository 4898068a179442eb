"""A processing instruction (<?...?>)."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").error(
    "xml-instruction",
    Text("含有处理指令（<?...?>）", "A processing instruction (<?...?>)"),
    Text(
        "删除该指令；流程文件只以 <?xml ...?> 一行开头，样式表和其他指令都不接受。",
        "Remove it; a process file begins with <?xml ...?> alone, and style sheets and other "
        "instructions are refused.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"p.bpmn": b'<?xml-stylesheet href="look.xsl"?>' + simple()}, right=simple()
    )
