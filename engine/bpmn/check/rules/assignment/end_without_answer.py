"""A way to an end on which nobody is answered."""

from __future__ import annotations

from engine.bpmn.check.examples import (
    END,
    START,
    RuleExamples,
    boundary,
    diagram,
    extended,
    flow,
    line,
    node,
    timer,
)
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").warning(
    "end-without-answer",
    Text("有一条路走到结束，没有经过“已答复群众”", "A way to an end on which nobody is answered"),
    Text(
        "在这条路上群众得到答复的环节或连线上勾选“到此已答复群众”；没有标出的，到结束才算答复。",
        "Mark the step or the flow on this way where the citizen has the answer; without a mark "
        "the answer counts as given at the end.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=diagram(
            START
            + node(
                "userTask", "work", extended('<gov:task form="f/x" role="handler"/><gov:answered/>')
            )
            + boundary("late", "work", timer("PT1H"))
            + END
            + node("endEvent", "stopped")
            + line("start", "work", "end")
            + flow("late", "stopped")
        ),
        right=diagram(
            START
            + node(
                "userTask", "work", extended('<gov:task form="f/x" role="handler"/><gov:answered/>')
            )
            + END
            + line("start", "work", "end")
        ),
    )
