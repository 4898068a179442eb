"""Too many findings; only some are listed."""

from __future__ import annotations

from engine.bpmn.check.examples import END, START, RuleExamples, diagram, line, node, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").info(
    "more-findings",
    Text("问题太多，只列出一部分", "Too many findings; only some are listed"),
    Text("先改正列出的问题，再检查一次。", "Mend what is listed, then check again."),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    loose = "".join(node("userTask", f"t{number}") for number in range(70))
    return RuleExamples(
        wrong=diagram(START + task("first") + loose + END + line("start", "first", "end")),
        right=simple(),
        also=frozenset({"no-form", "no-role", "unreachable", "dead-end"}),
    )
