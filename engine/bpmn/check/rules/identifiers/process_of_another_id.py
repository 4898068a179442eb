"""The picture's process has another id than the definition."""

from __future__ import annotations

from engine.bpmn.check.examples import END, START, RuleExamples, diagram, line, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("identifiers").error(
    "process-of-another-id",
    Text("图里的流程编号与流程的不同", "The picture's process has another id than the definition"),
    Text(
        "点“改编号”，图里引用它的地方一起改；从别的软件导入的图都要改这一处。",
        "Press “Rename”: everything in the picture that names it changes with it. Every picture "
        "that comes from another program needs this once.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"processes/two/two.bpmn": simple()},
        right={
            "processes/two/two.bpmn": diagram(
                START + task("first") + END + line("start", "first", "end"), key="two"
            )
        },
    )
