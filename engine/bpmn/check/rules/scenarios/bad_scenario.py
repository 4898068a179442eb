"""A scenario that cannot be used."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, form, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("scenarios").error(
    "bad-scenario",
    Text("用例文件不能使用", "A scenario that cannot be used"),
    Text(
        "按用例文件的格式改正，或删除这个文件。",
        "Mend it after the format of scenarios, or delete the file.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"p.bpmn": simple(), "f.json": form("f/x"), "scenarios/one.json": b"{"},
        right={"p.bpmn": simple(), "f.json": form("f/x")},
    )
