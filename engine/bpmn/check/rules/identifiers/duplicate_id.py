"""An id is used twice."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("identifiers").error(
    "duplicate-id",
    Text("编号重复", "An id is used twice"),
    Text("给其中一个元素改用别的编号。", "Give one of the two elements another id."),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=simple(task("first")), right=simple(task("second"), keys=("second",)))
