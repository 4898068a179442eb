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
