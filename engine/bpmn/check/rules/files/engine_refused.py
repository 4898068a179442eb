"""The engine cannot load or start the process."""

from __future__ import annotations

from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").error(
    "engine-refused",
    Text("引擎无法装入或启动该流程", "The engine cannot load or start the process"),
    Text(
        "检查所指元素；仍不明白的，把文件交给系统管理员。",
        "Look at the element named; if that does not help, give the file to an administrator.",
    ),
)
# Whatever is known to make the engine fail has a rule of its own; this one is for the rest.
NO_EXAMPLE = Text(
    "没有例子：已知会使引擎出错的情况都各有规则，这一条只用于尚不知道的情况。",
    "No example: whatever is known to make the engine fail has a rule of its own; this one is for "
    "what nobody has met yet.",
)
