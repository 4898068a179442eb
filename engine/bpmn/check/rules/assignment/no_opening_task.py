"""No task opens a case."""

from __future__ import annotations

from engine.bpmn.check.examples import END, SCRIPT, START, RuleExamples, diagram, line, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").warning(
    "no-opening-task",
    Text("不知道用哪个环节开案", "No task opens a case"),
    Text(
        "让开始事件直接连到登记用的人工环节，或在流程属性里指定“开案环节”；否则页面上不能新建这类事项。",
        "Let the start event lead straight to the task that registers a case, or name it in the "
        "process's properties; otherwise nobody can open one on a page.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=diagram(START + SCRIPT + task("first") + END + line("start", "set", "first", "end")),
        right=simple(SCRIPT, keys=("set",)),
    )
