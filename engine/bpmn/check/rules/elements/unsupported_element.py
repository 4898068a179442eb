"""An element that the engine does not run."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, node, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("elements").error(
    "unsupported-element",
    Text("引擎不支持的元素", "An element that the engine does not run"),
    Text(
        "复杂网关改用排他或包容网关；事务和即席子流程改用普通子流程；其他类型改用环节。",
        "Replace a complex gateway by an exclusive or inclusive one, a transaction or ad-hoc "
        "subprocess by a plain one, and anything else by a task.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(node("transaction", "x"), keys=("x",)), right=simple(task("x"), keys=("x",))
    )
