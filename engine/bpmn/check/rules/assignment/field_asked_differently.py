"""Two tasks fill in one field differently."""

from __future__ import annotations

from engine.bpmn.check.examples import KIND_OF, RuleExamples, form, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").warning(
    "field-asked-differently",
    Text("两个环节用不同的方式填同一个字段", "Two tasks fill in one field differently"),
    Text(
        "后填的会覆盖先填的：改用相同的类型和选项，或者给其中一个换个字段名。",
        "The later answer replaces the earlier: ask in the same way, or rename one of the fields.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={
            "p.bpmn": simple(task("second", form="f/y"), keys=("second",)),
            "x.json": form("f/x", "amount", kind_of=KIND_OF),
            "y.json": form("f/y", "words", kind_of={"kind": "text"}),
        },
        right={
            "p.bpmn": simple(task("second", form="f/y"), keys=("second",)),
            "x.json": form("f/x", "amount", kind_of=KIND_OF),
            "y.json": form("f/y", "words", other={"kind": "text"}),
        },
    )
