"""The text is not in the encoding it claims."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("files").error(
    "xml-encoding",
    Text("文字编码与声明不符", "The text is not in the encoding it claims"),
    Text(
        '另存为 UTF-8 编码；或在第一行的 XML 声明里写明实际编码，例如 encoding="GBK"。',
        "Save it as UTF-8, or name the real encoding in the XML declaration of the first line, "
        'such as encoding="GBK".',
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={
            "p.bpmn": b'<?xml version="1.0" encoding="UTF-8"?>'
            + simple(name="事项").decode().encode("gbk")
        },
        right={
            "p.bpmn": b'<?xml version="1.0" encoding="GBK"?>'
            + simple(name="事项").decode().encode("gbk")
        },
    )
