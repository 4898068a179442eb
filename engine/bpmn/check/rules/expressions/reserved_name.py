"""A name that has a meaning already."""

from __future__ import annotations

from engine.bpmn.check.examples import SCRIPT, RuleExamples, node, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("expressions").error(
    "reserved-name",
    Text("变量名已有固定含义", "A name that has a meaning already"),
    Text(
        "换一个变量名；case 是事项本身，只能读。",
        "Choose another name; “case” is the case itself and read-only.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(node("scriptTask", "set", "<script>case = 1</script>"), keys=("set",)),
        right=simple(SCRIPT, keys=("set",)),
    )
