"""The escalation table: what its rungs must say, or no overdue clock does anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from engine.bpmn.check.findings import REGISTER, shown
from engine.bpmn.check.findings import CheckRule as Kind
from engine.bpmn.check.reading import Read
from engine.bpmn.check.subject import CheckSubject
from engine.bpmn.nodes import LIMIT_UNITS
from engine.roles import ROLES
from feel import to_json
from feel.syntax import Literal
from feel.text import Text

if TYPE_CHECKING:
    from feel.dmn import Decision
    from feel.dmn.table import Rule

_GROUP = REGISTER.group("decisions")

# What each of the two is asked with.
LADDER_INPUTS: Final = ("process", "step", "level", "category", "priority", "clock")
LIMIT_INPUTS: Final = ("process", "step", "level", "category", "risk", "priority")
LIMITS: Final = "limits"
RHYTHM: Final = "rhythm"
RINGS: Final = ("opening", "at_once")
ONE_ROW: Final = frozenset("UAFP")
ACTS: Final = ("notify", "supervise", "reassign", "escalate")

SHAPE = _GROUP.error(
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
LIMIT = _GROUP.error(
    "escalation-limit",
    Text("时限表的一行不能用", "A row of the table of limits cannot be used"),
    Text(
        f"limit 填不小于零的整数；limit_unit 可用 {'、'.join(LIMIT_UNITS)}。",
        f"limit is a whole number from zero; limit_unit is one of {', '.join(LIMIT_UNITS)}.",
    ),
)
PACE = _GROUP.error(
    "escalation-rhythm",
    Text("节奏表的一行不能用", "A row of the table of rhythms cannot be used"),
    Text(
        f"every 和 top_every 填大于零的整数；两个时间单位可用 {'、'.join(LIMIT_UNITS)}；"
        f"role 从角色列表里选；rings 可用 {'、'.join(RINGS)}。",
        f"every and top_every are whole numbers from one; their units are among "
        f"{', '.join(LIMIT_UNITS)}; role is one of the roles; rings one of {', '.join(RINGS)}.",
    ),
)
ASKED = _GROUP.error(
    "escalation-input",
    Text("升级表用了不知道的名称", "The escalation table asks for something unknown"),
    Text(
        f"升级表可用 {'、'.join(LADDER_INPUTS)}；时限表可用 {'、'.join(LIMIT_INPUTS)}。",
        f"The table knows {', '.join(LADDER_INPUTS)}; the limits know {', '.join(LIMIT_INPUTS)}.",
    ),
)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _some(value: Any) -> bool:
    return _count(value) and value > 0


_OUTPUTS: Final[dict[str, Callable[[Any], bool]]] = {
    "after": _count,
    "unit": LIMIT_UNITS.__contains__,
    "levels_up": _count,
    "role": ROLES.__contains__,
    "act": ACTS.__contains__,
}
_PACE: Final[dict[str, Callable[[Any], bool]]] = {
    "every": _some,
    "every_unit": LIMIT_UNITS.__contains__,
    "top_every": _some,
    "top_every_unit": LIMIT_UNITS.__contains__,
    "role": ROLES.__contains__,
    "rings": RINGS.__contains__,
}
_LIMIT: Final[dict[str, Callable[[Any], bool]]] = {
    "limit": _count,
    "limit_unit": LIMIT_UNITS.__contains__,
}


_CALLED: Final = {RUNG.id: "升级表", LIMIT.id: "时限表", PACE.id: "节奏表"}


def check_file(scene: CheckSubject, read: Read) -> None:
    """Look at ``escalation.dmn``; other files are none of our business."""
    if read.model is None or PurePath(read.file).name != "escalation.dmn":
        return
    decisions = dict(read.model.by_id)
    limits, pace = decisions.pop(LIMITS, None), decisions.pop(RHYTHM, None)
    if len(decisions) != 1:
        text = Text(
            "文件里应当有一张升级表，此外最多一张编号为 limits 的时限表、"
            "一张编号为 rhythm 的节奏表。",
            "The file holds one escalation table and at most one decision with the id limits and "
            "one with the id rhythm.",
        )
        element = next(iter(decisions), None)
        scene.findings.append(SHAPE.finding(read.file, text, element=element))
        return
    (ladder,) = decisions.values()
    text = Text(
        "升级表应当是一张有五列输出的收集表。", "It must be one COLLECT table with five outputs."
    )
    if _shaped(scene, read.file, ladder, _OUTPUTS, frozenset("C"), text):
        _asks(scene, read.file, ladder, LADDER_INPUTS)
        for rule in ladder.rules:
            _row(scene, read.file, ladder, rule, _OUTPUTS, RUNG)
    if limits is not None:
        _limits(scene, read.file, limits)
    if pace is not None:
        _pace(scene, read.file, pace)


def may_have_gaps(file: str, decision: Decision) -> bool:
    """Whether a decision need not answer: something else holds where no row fits."""
    return PurePath(file).name == "escalation.dmn" and decision.id in (LIMITS, RHYTHM)


def _limits(scene: CheckSubject, file: str, limits: Decision) -> None:
    text = Text(
        "时限表应当有 limit、limit_unit 两列输出，每次只取一行。",
        "The limits must have the outputs limit and limit_unit, and give one row at a time.",
    )
    if _shaped(scene, file, limits, _LIMIT, ONE_ROW, text):
        _asks(scene, file, limits, LIMIT_INPUTS)
        for rule in limits.rules:
            _row(scene, file, limits, rule, _LIMIT, LIMIT)


def _pace(scene: CheckSubject, file: str, pace: Decision) -> None:
    text = Text(
        "节奏表应当有六列输出，每次只取一行。",
        "The rhythm must have its six outputs, and give one row at a time.",
    )
    if _shaped(scene, file, pace, _PACE, ONE_ROW, text):
        _asks(scene, file, pace, LADDER_INPUTS)
        for rule in pace.rules:
            _row(scene, file, pace, rule, _PACE, PACE)


def _shaped(
    scene: CheckSubject,
    file: str,
    decision: Decision,
    outputs: Mapping[str, Callable[[Any], bool]],
    policies: frozenset[str],
    text: Text,
) -> bool:
    names = {output.name for output in decision.outputs}
    if names >= outputs.keys() and decision.hit_policy in policies:
        return True
    scene.findings.append(SHAPE.finding(file, text, element=decision.id))
    return False


def _asks(scene: CheckSubject, file: str, decision: Decision, known: tuple[str, ...]) -> None:
    """Nothing else is known when it is asked: it would fail at every clock."""
    for name in sorted(decision.variables - set(known)):
        text = Text(f"不知道“{name}”是什么。", f"Nothing is known as “{name}”.")
        scene.findings.append(ASKED.finding(file, text, element=decision.id))


def _row(
    scene: CheckSubject,
    file: str,
    decision: Decision,
    rule: Rule,
    outputs: Mapping[str, Callable[[Any], bool]],
    kind: Kind,
) -> None:
    for output, cell in zip(decision.outputs, rule.outputs, strict=True):
        allowed = outputs.get(output.name)
        if allowed is None or not isinstance(cell.node, Literal):
            continue
        if not allowed(to_json(cell.node.value)):
            where = _CALLED[kind.id]
            text = Text(
                f"{where}第 {rule.number} 行的 {output.name} 不能是 {shown(cell.source)}。",
                f"In row {rule.number} {output.name} cannot be {shown(cell.source)}.",
            )
            found = kind.finding(file, text, element=rule.id or decision.id, line=rule.line)
            scene.findings.append(found)
