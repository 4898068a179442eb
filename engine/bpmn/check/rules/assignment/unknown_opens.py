"""The opening task is missing or no task."""

from __future__ import annotations

from engine.bpmn.check.examples import END, START, RuleExamples, diagram, extended, line, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").error(
    "unknown-opens",
    Text("“开案环节”不存在或不是人工环节", "The opening task is missing or no task"),
    Text(
        "在流程属性里把“开案环节”改成开始事件后面的人工环节的编号，或留空。",
        "In the process's properties name the user task after the start event, or leave it empty.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=diagram(
            extended('<gov:process opens="gone"/>')
            + START
            + task("first")
            + END
            + line("start", "first", "end")
        ),
        right=diagram(
            extended('<gov:process opens="first"/>')
            + START
            + task("first")
            + END
            + line("start", "first", "end")
        ),
    )
