"""The escalation table has the wrong shape."""

from __future__ import annotations

from engine.bpmn.check.examples import RUNG, RuleExamples, ladder, rule, table
from engine.bpmn.check.findings import REGISTER, CheckRule
from feel.text import Text

RULE: CheckRule = REGISTER.group("decisions").error(
    "escalation-table",
    Text("升级表的结构不对", "The escalation table has the wrong shape"),
    Text(
        "升级表的输出列为 after、unit、levels_up、role、act，命中策略用“收集（COLLECT）”；"
        "同一文件里可以再有一张编号为 limits 的时限表，输出列为 limit、limit_unit，每次只取一行；"
        "还可以有一张编号为 rhythm 的节奏表，输出列为 every、every_unit、top_every、"
        "top_every_unit、role、rings，每次只取一行。",
        "The table has the outputs after, unit, levels_up, role and act and the hit policy "
        "COLLECT; beside it the file may hold a decision with the id limits, with the outputs "
        "limit and limit_unit and a hit policy of one row, and one with the id rhythm, with the "
        "outputs every, every_unit, top_every, top_every_unit, role and rings.",
    ),
)


def example() -> RuleExamples:
    """Return what breaks the rule, and what keeps it."""
    return RuleExamples(
        wrong={"escalation.dmn": table(rule("-", "1"))}, right={"escalation.dmn": ladder(RUNG)}
    )
