"""A loop without people."""

from __future__ import annotations

from engine.bpmn.check.examples import (
    SCRIPT,
    START,
    RuleExamples,
    diagram,
    line,
    node,
    simple,
    task,
)
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("flow").warning(
    "automatic-loop",
    Text("没有人工环节的循环", "A loop without people"),
    Text(
        "在循环里放一个人工环节或等待事件；否则条件一直不变时，事项会停在这里等管理员处理。",
        "Put a user task or a waiting event into the loop; otherwise a case whose condition "
        "never changes stops here until an administrator helps.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=diagram(
            START
            + task("first")
            + SCRIPT
            + node("exclusiveGateway", "on")
            + line("start", "first", "set", "on", "set")
        ),
        right=simple(SCRIPT, keys=("set",)),
    )
