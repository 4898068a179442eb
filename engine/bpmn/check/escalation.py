"""The escalation table: what its rungs must say, or no overdue clock does anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from engine.bpmn.check.findings import REGISTER, shown
from engine.bpmn.check.reading import Read
from engine.bpmn.check.scene import Scene
from engine.bpmn.nodes import LIMIT_UNITS, ROLES
from feel import to_json
from feel.syntax import Literal
from feel.text import Text

if TYPE_CHECKING:
    from feel.dmn import Decision
    from feel.dmn.table import Rule

_GROUP = REGISTER.group("decisions")

ACTS: Final = ("notify", "supervise", "reassign", "escalate")

SHAPE = _GROUP.error(
    "escalation-table",
    Text("升级表的结构不对", "The escalation table has the wrong shape"),
    Text(
        "文件里只放一张表，输出列为 after、unit、levels_up、role、act，"
        "命中策略用“收集（COLLECT）”。",
        "Keep one table in the file, with the outputs after, unit, levels_up, role and act and the "
        "hit policy COLLECT.",
    ),
)
RUNG = _GROUP.error(
    "escalation-rung",
    Text("升级表的一行不能用", "A row of the escalation table cannot be used"),
    Text(
        f"after 和 levels_up 填不小于零的整数；unit 可用 {'、'.join(LIMIT_UNITS)}；"
        f"act 可用 {'、'.join(ACTS)}；role 从角色列表里选。",
        f"after and levels_up are whole numbers from zero; unit is one of "
        f"{', '.join(LIMIT_UNITS)}; act one of {', '.join(ACTS)}; role one of the roles.",
    ),
)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


_OUTPUTS: Final[dict[str, Callable[[Any], bool]]] = {
    "after": _count,
    "unit": LIMIT_UNITS.__contains__,
    "levels_up": _count,
    "role": ROLES.__contains__,
    "act": ACTS.__contains__,
}


def check_file(scene: Scene, read: Read) -> None:
    """Look at ``escalation.dmn``; other files are none of our business."""
    if read.model is None or PurePath(read.file).name != "escalation.dmn":
        return
    decisions = list(read.model.by_id.values())
    names = {output.name for output in decisions[0].outputs} if decisions else set()
    right = len(decisions) == 1 and names >= _OUTPUTS.keys() and decisions[0].hit_policy == "C"
    if not right:
        text = Text(
            "升级表应当是一张有五列输出的收集表。",
            "It must be one COLLECT table with five outputs.",
        )
        element = decisions[0].id if decisions else None
        scene.findings.append(SHAPE.finding(read.file, text, element=element))
        return
    for rule in decisions[0].rules:
        _rung(scene, read.file, decisions[0], rule)


def _rung(scene: Scene, file: str, decision: Decision, rule: Rule) -> None:
    for output, cell in zip(decision.outputs, rule.outputs, strict=True):
        allowed = _OUTPUTS.get(output.name)
        if allowed is None or not isinstance(cell.node, Literal):
            continue
        if not allowed(to_json(cell.node.value)):
            text = Text(
                f"升级表第 {rule.number} 行的 {output.name} 不能是 {shown(cell.source)}。",
                f"In row {rule.number} {output.name} cannot be {shown(cell.source)}.",
            )
            found = RUNG.finding(file, text, element=rule.id or decision.id, line=rule.line)
            scene.findings.append(found)
