"""Checking it takes too much time or memory."""

from __future__ import annotations

from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").error(
    "too-heavy",
    Text("检查它用的时间或内存超过上限", "Checking it takes too much time or memory"),
    Text(
        "把图拆小：大流程拆成几个互相调用的流程，大决策表拆成几张表。",
        "Make it smaller: split the process into several that call each other, and large "
        "tables into several.",
    ),
)
# The limits are those of the child process, so what exceeds them differs from machine to machine.
NO_EXAMPLE = Text(
    "没有例子：上限是检查进程的时间和内存，同一个文件在这台机器上超过，在另一台上不一定。",
    "No example: the limits are the time and the memory of the checking process, which one file "
    "exceeds on one machine and not on another.",
)
