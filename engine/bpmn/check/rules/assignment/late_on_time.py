"""Everybody is on time, and the citizen's answer is late."""

from __future__ import annotations

from engine.bpmn.check.examples import END, START, RuleExamples, diagram, extended, line, node
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").info(
    "late-on-time",
    Text("每个环节都按时，答复群众仍然超期", "Everybody on time, and the answer late all the same"),
    Text(
        "缩短这条路上的签收时限和办理时限，或者放宽对群众承诺的时限。",
        "Shorten the limits on this way, or promise the citizen more time.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(wrong=_work(4), right=_work(2))


def _work(days: int) -> bytes:
    limit = f'limit="{days}" limitUnit="working_days" signLimit="1" signLimitUnit="working_days"'
    asked = f'<gov:task form="f/x" role="handler" {limit}/>'
    return diagram(
        extended('<gov:process limit="4" limitUnit="working_days"/>')
        + START
        + node("userTask", "work", extended('<gov:task form="f/x" role="handler"/>'))
        + node("userTask", "answer", extended(asked + "<gov:answered/>"))
        + END
        + line("start", "work", "answer", "end")
    )
