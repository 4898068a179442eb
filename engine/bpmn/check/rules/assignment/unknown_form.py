"""An unknown form."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, form, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").error(
    "unknown-form",
    Text("表单不存在", "An unknown form"),
    Text(
        "选择已有的表单，或新建 forms/<流程>/<环节>.json 并一起检查。",
        "Choose an existing form, or create forms/<process>/<task>.json and check it with the "
        "diagram.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={
            "p.bpmn": simple(task("second", form="f/gone"), keys=("second",)),
            "f.json": form("f/x"),
        },
        right={"p.bpmn": simple(task("second"), keys=("second",)), "f.json": form("f/x")},
    )
