"""All ways out are taken at once."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, line, simple, task
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("gateways").warning(
    "both-ways-taken",
    Text("后面的几条连线会同时走", "All ways out are taken at once"),
    Text(
        "只走其中一条的，在它后面放一个排他网关，从网关分出各条并写条件；确实要同时办的，放一个并行网关，"
        "图上就看得明白。",
        "To take one of them, put an exclusive gateway after it and conditions on its branches; if "
        "all are meant, put a parallel gateway, so that the picture says so.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=simple(task("second") + line("first", "second", "end")),
        right=simple(task("second"), keys=("second",)),
    )
