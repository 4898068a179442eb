"""A field that is never shown."""

from __future__ import annotations

from engine.bpmn.check.examples import END, KIND_OF, START, RuleExamples, diagram, form, line, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").warning(
    "field-never-asked",
    Text("永远不会显示的字段", "A field that is never shown"),
    Text(
        "改“何时显示”的条件，让它与选项一致；不再需要的就删除这个字段。",
        "Let its condition name a choice that there is, or delete the field.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={
            "p.bpmn": diagram(
                START + task("first", form="p/x") + END + line("start", "first", "end")
            ),
            "x.json": form(
                "p/x", kind_of=KIND_OF, why={"kind": "text", "show_when": 'kind_of = "矿山"'}
            ),
        },
        right={
            "p.bpmn": diagram(
                START + task("first", form="p/x") + END + line("start", "first", "end")
            ),
            "x.json": form(
                "p/x", kind_of=KIND_OF, why={"kind": "text", "show_when": 'kind_of = "土地"'}
            ),
        },
    )
