"""The process is marked as not executable."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").error(
    "not-executable",
    Text("流程标记为“不可执行”", "The process is marked as not executable"),
    Text(
        "若要运行它，在设计器的流程属性里勾选“可执行（Executable）”。",
        "If it is to run, tick “Executable” in the properties of the process.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"p.bpmn": simple().replace(b"isExecutable='true'", b"isExecutable='false'")},
        right=simple(),
    )
