"""Is there somebody to do a task: who sits where comes with the check, where it is known."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.check.check_context import RoleGap
from engine.bpmn.check.findings import INFO, name_list
from engine.bpmn.check.rules.assignment import role_nobody_holds
from engine.bpmn.check.subject import CheckedProcess, CheckSubject, is_manual
from engine.bpmn.labels import called_name, quoted
from engine.bpmn.nodes import Node
from feel.text import Text

NOBODY_HOLDS = role_nobody_holds.RULE


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Check every task whose unit follows from the place of the case."""
    gaps = scene.context.gaps
    for node in process.nodes if gaps is not None else ():
        if is_manual(node) and node.role and not node.unit and node.role in (gaps or {}):
            _task(scene, node, (gaps or {})[node.role])


def _task(scene: CheckSubject, node: Node, of_level: Mapping[str, RoleGap]) -> None:
    gap = of_level.get(node.level) if node.level not in ("", "handling") else _anywhere(of_level)
    if gap is None or not gap.lacking:
        return
    name = called_name(node)
    if gap.lacking == gap.of:
        text = Text(
            f"没有任何单位有人担任“{name}”的角色。",
            f"Nobody in any unit holds the role of “{name}”.",
        )
        scene.find(NOBODY_HOLDS, node, text)
        return
    names = name_list([quoted(unit) for unit in gap.names])
    text = Text(
        f"{gap.of} 个单位中有 {gap.lacking} 个没有人担任“{name}”的角色：{names.zh}"
        + ("等。" if gap.lacking > len(gap.names) else "。"),
        f"In {gap.lacking} of {gap.of} units nobody holds the role of “{name}”: {names.en}"
        + (" and others." if gap.lacking > len(gap.names) else "."),
    )
    scene.find(NOBODY_HOLDS, node, text, severity=INFO)


def _anywhere(of_level: Mapping[str, RoleGap]) -> RoleGap:
    """At which level a case is handled is known only when it runs: is there anybody at all?"""
    lacking = sum(gap.lacking for gap in of_level.values())
    total = sum(gap.of for gap in of_level.values())
    return RoleGap(total, total) if lacking == total else RoleGap(0, total)
