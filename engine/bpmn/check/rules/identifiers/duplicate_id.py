"""An id is used twice."""

from __future__ import annotations

from engine.bpmn.check.examples import Example, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("identifiers").error(
    "duplicate-id",
    Text("编号重复", "An id is used twice"),
    Text("给其中一个元素改用别的编号。", "Give one of the two elements another id."),
)


def example() -> Example:
    """Return what breaks the rule, and what keeps it."""
    return Example(wrong=simple(task("first")), right=simple(task("second"), keys=("second",)))
