"""The escalation table: what its rungs must say, or no overdue clock does anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from engine.bpmn.check.findings import CheckRule as Kind
from engine.bpmn.check.reading import FileReading
from engine.bpmn.check.rules.decisions import (
    escalation_input,
    escalation_limit,
    escalation_rhythm,
    escalation_rung,
    escalation_table,
)
from engine.bpmn.check.subject import CheckSubject
from engine.bpmn.labels import quoted
from engine.bpmn.nodes import LIMIT_UNITS
from engine.roles import ROLES
from feel import to_json
from feel.syntax import Literal
from feel.text import Text

if TYPE_CHECKING:
    from feel.dmn import Decision
    from feel.dmn.table import Rule


# What each of the two is asked with.
LADDER_INPUTS = escalation_input.LADDER_INPUTS
LIMIT_INPUTS = escalation_input.LIMIT_INPUTS
LIMITS: Final = "limits"
RHYTHM: Final = "rhythm"
RINGS = escalation_rhythm.RINGS
ONE_ROW: Final = frozenset("UAFP")
ACTS = escalation_rung.ACTS

SHAPE = escalation_table.RULE
RUNG = escalation_rung.RULE
LIMIT = escalation_limit.RULE
PACE = escalation_rhythm.RULE
ASKED = escalation_input.RULE


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


def check_file(scene: CheckSubject, read: FileReading) -> None:
    """Check ``escalation.dmn``; other files are none of our business."""
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
    """Return whether a decision need not answer: something else holds where no row fits."""
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
                f"{where}第 {rule.number} 行的 {output.name} 不能是 {quoted(cell.source)}。",
                f"In row {rule.number} {output.name} cannot be {quoted(cell.source)}.",
            )
            found = kind.finding(file, text, element=rule.id or decision.id, line=rule.line)
            scene.findings.append(found)
