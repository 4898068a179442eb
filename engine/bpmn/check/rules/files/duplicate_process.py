"""Two files hold a process with the same id."""

from __future__ import annotations

from engine.bpmn.check.examples import END, START, RuleExamples, diagram, line, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").error(
    "duplicate-process",
    Text("两个文件里有同名流程", "Two files hold a process with the same id"),
    Text(
        "给其中一个流程改用别的编号，或者只交其中一个文件。",
        "Give one of them another id, or leave one file out.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"a.bpmn": simple(), "b.bpmn": simple()},
        right={
            "a.bpmn": simple(),
            "b.bpmn": diagram(START + task("first") + END + line("start", "first", "end"), key="q"),
        },
    )
