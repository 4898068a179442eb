"""How long a task may take, and where it may be sent back to."""

from __future__ import annotations

from engine.bpmn.check import durations, fixes
from engine.bpmn.check.engine_rules import UNKNOWN_RETURN
from engine.bpmn.check.fixes import Fix
from engine.bpmn.check.rules.assignment import (
    case_limit_never_set,
    limit_beyond_process,
    limit_without_unit,
    return_not_back,
    unknown_assign,
    warning_too_early,
)
from engine.bpmn.check.subject import CheckedProcess, CheckSubject, Graph, is_manual
from engine.bpmn.labels import called_name, quoted
from engine.bpmn.nodes import CASE_LIMIT, Node
from feel.text import Text

LIMIT_UNIT = limit_without_unit.RULE
WARN_LATE = warning_too_early.RULE
CASE_LIMIT_UNSET = case_limit_never_set.RULE
BEYOND = limit_beyond_process.RULE
RETURN_FORWARD = return_not_back.RULE
UNKNOWN_ASSIGN = unknown_assign.RULE


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Check the limits and the returns of every task."""
    tasks = [node for node in process.nodes if is_manual(node)]
    for node in tasks:
        _limits(scene, node)
        _beyond(scene, process, node)
        _returns(scene, process, node)
        _assigned(scene, process, node)
    _case_limit(scene, process, tasks)


def _limits(scene: CheckSubject, node: Node) -> None:
    name = called_name(node)
    faulty = (node.limit and not node.limit_unit and node.limit != CASE_LIMIT) or (
        node.sign_limit and not node.sign_limit_unit
    )
    if faulty and not _has_fault(scene, node, "unknown-limit-unit"):
        text = Text(f"“{name}”的时限没有单位。", f"The limit of “{name}” has no unit.")
        scene.find(LIMIT_UNIT, node, text, fixes=[_in_working_days(node)])
    if isinstance(node.limit, int) and node.warn and node.warn[0] > node.limit:
        text = Text(
            f"“{name}”的时限是{node.limit}，却要提前{node.warn[0]}预警。",
            f"The limit of “{name}” is {node.limit}, but it warns {node.warn[0]} before that.",
        )
        fitting = [span for span in node.warn if span < node.limit] or [node.limit - 1]
        spans = " ".join(str(span) for span in fitting if span)
        mend = fixes.gov(node.file, node.id, "task", warn=spans or None)
        label = Text("改短预警提前量", "Shorten the warning")
        scene.find(WARN_LATE, node, text, fixes=[Fix(label, (mend,))])


def _beyond(scene: CheckSubject, process: CheckedProcess, node: Node) -> None:
    """Told where it is longer whatever the calendar says, and not where it only may be."""
    info = process.info
    if not isinstance(node.limit, int) or info.limit is None:
        return
    if not durations.longer((node.limit, node.limit_unit), (info.limit, info.limit_unit)):
        return
    name, (own, whole) = (
        called_name(node),
        (
            durations.words(node.limit, node.limit_unit),
            durations.words(info.limit, info.limit_unit),
        ),
    )
    text = Text(
        f"“{name}”的时限是{own.zh}，整个流程只有{whole.zh}。",
        f"The limit of “{name}” is {own.en}, but the whole process has {whole.en}.",
    )
    change = fixes.gov(node.file, node.id, "task", limit=info.limit, limitUnit=info.limit_unit)
    label = Text(f"改成{whole.zh}", f"Make it {whole.en}")
    scene.find(BEYOND, node, text, fixes=[Fix(label, (change,))])


def _in_working_days(node: Node) -> Fix:
    values: dict[str, str | int | None] = {}
    if node.limit and not node.limit_unit:
        values["limitUnit"] = "working_days"
    if node.sign_limit and not node.sign_limit_unit:
        values["signLimitUnit"] = "working_days"
    label = Text("按工作日计算", "Count working days")
    return Fix(label, (fixes.gov(node.file, node.id, "task", **values),))


def _without(node: Node, target: str) -> Fix:
    rest = " ".join(key for key in node.return_to if key != target)
    label = Text(f"不再退回到“{quoted(target)}”", f"Do not return to “{quoted(target)}”")
    return Fix(label, (fixes.gov(node.file, node.id, "task", returnTo=rest or None),))


def _has_fault(scene: CheckSubject, node: Node, rule: str) -> bool:
    return any(
        fault.rule == rule and fault.element == node.id
        for source in scene.files.sources
        if source.file == node.file
        for fault in source.faults
    )


def _returns(scene: CheckSubject, process: CheckedProcess, node: Node) -> None:
    nodes = {other.id: other for other in process.nodes} if node.return_to else {}
    for target in node.return_to:
        other = nodes.get(target)
        if other is None or not is_manual(other):
            why_zh = "不存在" if other is None else "不是人工环节"
            why_en = "does not exist" if other is None else "is not a task for a person"
            text = Text(
                f"“{called_name(node)}”可退回到的“{quoted(target)}”{why_zh}。",
                f"“{called_name(node)}” can be returned to “{quoted(target)}”, which {why_en}.",
            )
            scene.find(UNKNOWN_RETURN, node, text, fixes=[_without(node, target)])
        elif not _comes_before(process, other, node):
            text = Text(
                f"“{called_name(other)}”不在“{called_name(node)}”之前，谈不上退回。",
                f"“{called_name(other)}” does not come before “{called_name(node)}”.",
            )
            scene.find(RETURN_FORWARD, node, text, fixes=[_without(node, target)])


def _assigned(scene: CheckSubject, process: CheckedProcess, node: Node) -> None:
    """Whoever did an earlier task can only be known of a task that people do."""
    nodes = {other.id: other for other in process.nodes} if node.assign else {}
    for target in node.assign:
        # A field of a step's answers is known when a case runs.
        other = nodes.get(target.partition(".")[0])
        if other is None or not is_manual(other):
            text = Text(
                f"“{called_name(node)}”由办理“{quoted(target)}”的人接着办，但没有这个人工环节。",
                f"“{called_name(node)}” goes on to whoever did “{quoted(target)}”, no such task.",
            )
            rest = " ".join(key for key in node.assign if key != target)
            change = fixes.gov(node.file, node.id, "task", assign=rest or None)
            label = Text(f"去掉“{quoted(target)}”", f"Leave “{quoted(target)}” out")
            scene.find(UNKNOWN_ASSIGN, node, text, fixes=[Fix(label, (change,))])


def _comes_before(process: CheckedProcess, earlier: Node, later: Node) -> bool:
    if earlier.scope != later.scope:
        return True
    graph: Graph | None = next((g for g in process.graphs if g.scope.id == later.scope), None)
    return graph is None or later.id in graph.reach(list(graph.after(earlier.id)))


def _case_limit(scene: CheckSubject, process: CheckedProcess, tasks: list[Node]) -> None:
    wanting = [node for node in tasks if node.limit == CASE_LIMIT]
    if not wanting or process.info.key in scene.called_keys or process.info.limit is not None:
        return
    for source in scene.files.sources:
        for node in source.nodes.values():
            if node.decision is not None and "limit" in node.decision.sets:
                return
            if node.action is not None and node.action.name == "set_limit":
                return
    node = wanting[0]
    text = Text(
        f"“{called_name(node)}”的时限取自事项，但流程里没有地方设定事项的时限。",
        f"“{called_name(node)}” takes the case's limit, but nothing in the process sets one.",
    )
    scene.find(CASE_LIMIT_UNSET, node, text)
