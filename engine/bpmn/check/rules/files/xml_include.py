"""Asks for another file to be included (XInclude)."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, extended, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").error(
    "xml-include",
    Text("要求包含别的文件（XInclude）", "Asks for another file to be included (XInclude)"),
    Text(
        "删除该元素，把需要的内容直接画在图里；这里从不读取别的文件。",
        "Remove the element and draw its content here; no other file is ever read.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(
            extended('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="b.bpmn"/>')
        ),
        right=simple(),
    )
