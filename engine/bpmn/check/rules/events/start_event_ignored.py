"""A start event that starts nothing by itself."""

from __future__ import annotations

from engine.bpmn.check.examples import END, RuleExamples, diagram, line, node, simple, task, timer
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("events").warning(
    "start-event-ignored",
    Text("流程不会因为这个开始事件自动开始", "A start event that starts nothing by itself"),
    Text(
        "到点、收到信号或条件成立时自动立案，要等以后的版本；现在事项由人或接口登记时开始，请改用普通开始事件。"
        "登记以后要等待的，在后面放定时事件。",
        "Cases that begin by themselves, at a time, on a signal or when something becomes true, "
        "come with a later version; today a case begins when a person or the API opens it. Use a "
        "plain start event, and a timer event after it if it is to wait.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=diagram(
            node("startEvent", "start", timer("2026-12-01T09:00", "timeDate"))
            + task("first")
            + END
            + line("start", "first", "end")
        ),
        right=simple(),
    )
