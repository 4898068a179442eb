"""No start event."""

from __future__ import annotations

from engine.bpmn.check.examples import END, RuleExamples, diagram, line, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("flow").error(
    "missing-start",
    Text("没有开始事件", "No start event"),
    Text(
        "放一个开始事件，连到第一个环节。", "Add a start event and connect it to the first element."
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=diagram(task("first") + END + line("first", "end")), right=simple())
