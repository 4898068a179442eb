"""Nobody is asked whether the case is confidential."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, form, simple
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("assignment").warning(
    "confidentiality-not-asked",
    Text("登记时没有问是否保密", "Nobody is asked whether the case is confidential"),
    Text(
        "在登记表单最前面问“是否保密”和“反映的单位”（sets 填 against），并写明 confidential_when；"
        "可以照抄网格事件的登记表单。",
        "Let the opening form begin with whether the case is confidential and the unit reported "
        "(sets: against), and give it confidential_when; the form of grid tickets shows how.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"p.bpmn": simple(), "f.json": form("f/x", caller={"kind": "person"})},
        right={"p.bpmn": simple(), "f.json": form("f/x", caller={"kind": "text"})},
    )
