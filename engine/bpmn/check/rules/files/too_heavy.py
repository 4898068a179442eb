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
