"""An event that the engine does not run."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, node, simple, timer
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("elements").error(
    "unsupported-event",
    Text("引擎不支持的事件", "An event that the engine does not run"),
    Text(
        "链接事件改成连线；补偿、取消改成画出来的环节；条件事件改成网关加定时或消息。",
        "Replace link events by a flow, compensation and cancel by drawn steps, and conditional "
        "events by a gateway with a timer or message.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(node("intermediateCatchEvent", "x", "<cancelEventDefinition/>"), keys=("x",)),
        right=simple(node("intermediateCatchEvent", "x", timer("P1D")), keys=("x",)),
    )
