"""Values of kinds that never fit each other."""

from __future__ import annotations

from engine.bpmn.check.examples import RuleExamples, choice
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("expressions").error(
    "kinds-never-fit",
    Text("种类不合，永远没有结果", "Values of kinds that never fit each other"),
    Text(
        '日期写成 @"2026-03-01"，时长写成 @"P3D"；日期时间要与日期比，先取 date(字段)；'
        "文字与数字用 number(...)、string(...) 互换。",
        'Write a date as @"2026-03-01", a duration as @"P3D"; compare a date and time with a date '
        "by date(field); turn texts and numbers into each other by number(...) and string(...).",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong=choice("begun > 5", begun={"kind": "date"}),
        right=choice('begun > @"2026-12-01"', begun={"kind": "date"}),
    )
