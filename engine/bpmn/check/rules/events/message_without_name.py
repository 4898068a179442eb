"""A message without a name."""

from __future__ import annotations

from engine.bpmn.check.examples import MESSAGE, WITHDRAWN, RuleExamples, boundary, flow, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("events").error(
    "message-without-name",
    Text("等待的消息没有名称", "A message without a name"),
    Text(
        "在属性面板里新建或选择消息；按钮和外部系统靠名称找到它。",
        "Create or choose a message in the properties panel; buttons and other systems find it "
        "by its name.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(
            boundary("back", "first", "<messageEventDefinition/>").replace(' name="back"', "")
            + flow("back", "end")
        ),
        right=simple(boundary("back", "first", WITHDRAWN) + flow("back", "end"), before=MESSAGE),
    )
