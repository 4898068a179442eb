"""Nobody can send this message."""

from __future__ import annotations

from engine.bpmn.check.examples import MESSAGE, WITHDRAWN, RuleExamples, boundary, flow, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("events").warning(
    "message-nobody-sends",
    Text("没有人能发出这条消息", "Nobody can send this message"),
    Text(
        "在属性面板里选择谁可以点这个按钮（角色、级别）；由其他系统发来的不用管。",
        "Choose in the properties panel who may press its button (role, level); leave it if "
        "another system sends it.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(
            boundary("back", "first", '<messageEventDefinition messageRef="m"/>')
            + flow("back", "end"),
            before=MESSAGE,
        ),
        right=simple(boundary("back", "first", WITHDRAWN) + flow("back", "end"), before=MESSAGE),
    )
