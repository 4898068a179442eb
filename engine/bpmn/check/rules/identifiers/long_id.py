"""An id is too long."""

from __future__ import annotations

from engine.bpmn.check.examples import END, START, RuleExamples, diagram, line, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

MAX_NODE = 120
MAX_PROCESS = 64
RULE: CheckRule = REGISTER.group("identifiers").error(
    "long-id",
    Text("编号太长", "An id is too long"),
    Text(
        f"流程编号不超过 {MAX_PROCESS} 个字，其他元素不超过 {MAX_NODE} 个字。",
        f"At most {MAX_PROCESS} characters for a process, {MAX_NODE} for other elements.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=diagram(START + task("first") + END + line("start", "first", "end"), key="p" * 65),
        right=simple(),
    )
