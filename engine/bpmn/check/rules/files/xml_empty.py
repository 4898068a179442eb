"""The file is empty."""

from __future__ import annotations

from engine.bpmn.check.examples import Example, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").error(
    "xml-empty",
    Text("文件是空的", "The file is empty"),
    Text(
        "重新从流程设计器导出，再上传。", "Export it again from the modeler and choose that file."
    ),
)


def example() -> Example:
    """Return what breaks the rule, and what keeps it."""
    return Example(wrong={"p.bpmn": b""}, right=simple())
