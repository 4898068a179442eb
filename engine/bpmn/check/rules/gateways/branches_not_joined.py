"""Parallel branches are not joined: work is done twice."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, split
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("gateways").warning(
    "branches-not-joined",
    Text(
        "并行分支没有汇合，后面的环节会做几遍",
        "Parallel branches are not joined: work is done twice",
    ),
    Text(
        "并行分开的分支，先用并行网关汇合，再接后面的环节；确实要做几遍的不用改。",
        "Join parallel branches with a parallel gateway before what follows; leave it if the work "
        "is to be done once a branch.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=split("parallelGateway", "exclusiveGateway"),
        right=split("parallelGateway", "parallelGateway"),
    )
