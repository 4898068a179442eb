"""Elements are nested too deeply."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, extended, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").error(
    "xml-too-deep",
    Text("元素嵌套过深", "Elements are nested too deeply"),
    Text("把层层嵌套的子流程改成调用活动。", "Turn nested subprocesses into call activities."),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=simple(extended("<a>" * 300 + "</a>" * 300)), right=simple())
