"""Who does a task and with which form, and which task opens a case."""

from __future__ import annotations

from collections import defaultdict

from engine.bpmn.check.engine_rules import UNKNOWN_OPENS, UNKNOWN_ROLE
from engine.bpmn.check.expression_uses import constant_text
from engine.bpmn.check.findings import CheckRule, Finding, name_list
from engine.bpmn.check.rules.assignment import (
    form_not_seen,
    long_name,
    no_form,
    no_name,
    no_opening_task,
    no_role,
    unit_not_seen,
    unknown_document,
    unknown_form,
    unknown_unit,
)
from engine.bpmn.check.subject import CheckedProcess, CheckSubject, is_manual
from engine.bpmn.labels import called_name, quoted
from engine.bpmn.nodes import Lane, Node
from engine.terms.papers import PAPERS
from feel.text import Text

NO_ROLE = no_role.RULE
NO_FORM = no_form.RULE
UNKNOWN_FORM = unknown_form.RULE
UNKNOWN_UNIT = unknown_unit.RULE
UNSEEN_FORM = form_not_seen.RULE
UNSEEN_UNIT = unit_not_seen.RULE
NO_NAME = no_name.RULE
UNKNOWN_DOCUMENT = unknown_document.RULE
LONG_NAME = long_name.RULE
NO_OPENING = no_opening_task.RULE

_MAX_NAME = 120


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Check every task, at message buttons, and at how a case is opened."""
    tasks = [node for node in process.nodes if is_manual(node)]
    _roles(scene, process, tasks)
    _without_form(scene, process, tasks)
    for node in process.nodes:
        _name(scene, node)
        _form(scene, node)
        _papers(scene, node)
    _unseen_forms(scene, process)
    for node in tasks:
        _unit(scene, node)
    _opening(scene, process)


def _roles(scene: CheckSubject, process: CheckedProcess, tasks: list[Node]) -> None:
    """One finding a lane where the lane is at fault, else one a task."""
    faulty = {fault.element for fault in process.source.faults if fault.rule == "unknown-role"}
    lanes: dict[str, list[Node]] = defaultdict(list)
    alone: list[Node] = []
    for node in tasks:
        if node.role and node.role not in scene.context.roles:
            _unknown_role(scene, node)
        elif node.role or node.id in faulty or (node.lane and node.lane.id in faulty):
            continue
        elif node.lane is not None:
            lanes[node.lane.id].append(node)
        else:
            alone.append(node)
    _alone(scene, process, alone, len(tasks))
    for members in lanes.values():
        if members[0].lane is not None:
            _lane_without_role(scene, members[0].lane, members)


def _alone(scene: CheckSubject, process: CheckedProcess, nodes: list[Node], tasks: int) -> None:
    if len(nodes) == tasks > 1:
        names = _names(nodes)
        text = Text(
            f"所有环节都没有指定由谁办：{names.zh}。",
            f"Nobody is named to do any task: {names.en}.",
        )
        scene.findings.append(_about_process(process, NO_ROLE, text))
        return
    for node in nodes:
        name = called_name(node)
        text = Text(f"没有指定“{name}”由谁办。", f"Nobody is named to do “{name}”.")
        scene.find(NO_ROLE, node, text)


def _lane_without_role(scene: CheckSubject, lane: Lane, members: list[Node]) -> None:
    names = _names(members)
    text = Text(
        f"泳道“{quoted(lane.name or lane.id)}”没有角色，这些环节没有人办：{names.zh}。",
        f"The lane “{quoted(lane.name or lane.id)}” has no role; "
        f"nobody is named to do: {names.en}.",
    )
    first = members[0]
    scene.findings.append(NO_ROLE.finding(first.file, text, element=lane.id, line=first.line))


def _unknown_role(scene: CheckSubject, node: Node) -> None:
    text = Text(
        f"“{called_name(node)}”的角色“{quoted(node.role)}”在本系统里不存在。",
        f"The role “{quoted(node.role)}” of “{called_name(node)}” does not exist here.",
    )
    scene.find(UNKNOWN_ROLE, node, text)


def _name(scene: CheckSubject, node: Node) -> None:
    if len(node.name) > _MAX_NAME or len(node.name_en) > _MAX_NAME:
        text = Text(
            f"“{quoted(node.name)}”的名称有{len(node.name)}个字。",
            f"The name “{quoted(node.name)}” has {len(node.name)} characters.",
        )
        scene.find(LONG_NAME, node, text)
    elif is_manual(node) and not node.name.strip():
        text = Text(
            f"人工环节“{quoted(node.id)}”没有名称。", f"The task “{quoted(node.id)}” has no name."
        )
        scene.find(NO_NAME, node, text)


def _form(scene: CheckSubject, node: Node) -> None:
    name, keys = called_name(node), scene.form_keys
    if node.form and keys is not None and node.form not in keys and not scene.files.lacks("form"):
        text = Text(
            f"“{name}”的表单“{quoted(node.form)}”不存在。",
            f"The form “{quoted(node.form)}” of “{name}” does not exist.",
        )
        scene.find(UNKNOWN_FORM, node, text)


def _papers(scene: CheckSubject, node: Node) -> None:
    for key in node.papers:
        if key not in PAPERS:
            name = called_name(node)
            zh = f"“{name}”的文书“{quoted(key)}”不存在，可用：{'、'.join(PAPERS)}。"
            en = f"There is no paper “{quoted(key)}” of “{name}”; there are {', '.join(PAPERS)}."
            scene.find(UNKNOWN_DOCUMENT, node, Text(zh, en))


def _without_form(scene: CheckSubject, process: CheckedProcess, tasks: list[Node]) -> None:
    """One finding where no task has a form: the diagram comes from elsewhere, or is a sketch."""
    lacking = [node for node in tasks if not node.form]
    if len(lacking) == len(tasks) > 1:
        names = _names(lacking)
        text = Text(f"所有环节都没有表单：{names.zh}。", f"No task has a form: {names.en}.")
        scene.findings.append(_about_process(process, NO_FORM, text))
        return
    for node in lacking:
        name = called_name(node)
        scene.find(NO_FORM, node, Text(f"“{name}”没有表单。", f"“{name}” has no form."))


def _unseen_forms(scene: CheckSubject, process: CheckedProcess) -> None:
    """One finding a process: what is said of its forms and variables is less than usual."""
    nodes = [node for node in process.nodes if node.form]
    if not nodes or scene.form_keys is not None or scene.files.lacks("form"):
        return
    names = name_list([quoted(name) for name in dict.fromkeys(node.form for node in nodes)])
    text = Text(
        f"这些表单不在一起检查的文件里：{names.zh}。",
        f"These forms are not among the files that are checked: {names.en}.",
    )
    if len(nodes) == 1:
        scene.find(UNSEEN_FORM, nodes[0], text)
    else:
        scene.findings.append(_about_process(process, UNSEEN_FORM, text))


def _names(nodes: list[Node]) -> Text:
    return name_list([called_name(node) for node in nodes])


def _unit(scene: CheckSubject, node: Node) -> None:
    """A unit that is named outright must exist; variables are known only when a case runs."""
    known = scene.context.units
    named = constant_text(node.unit)
    if known is None and named:
        text = Text(
            f"“{called_name(node)}”的承办单位“{quoted(named)}”没有与单位树核对。",
            f"The unit “{quoted(named)}” of “{called_name(node)}” was compared with no tree.",
        )
        scene.find(UNSEEN_UNIT, node, text)
    if known is not None and named is not None and named not in known:
        text = Text(
            f"“{called_name(node)}”的承办单位“{quoted(named)}”不存在。",
            f"The unit “{quoted(named)}” of “{called_name(node)}” does not exist.",
        )
        scene.find(UNKNOWN_UNIT, node, text)


def _opening(scene: CheckSubject, process: CheckedProcess) -> None:
    info, top = process.info, process.top
    if info.opens:
        node = top.nodes.get(info.opens)
        if node is None or not is_manual(node):
            text = Text(
                f"流程的“开案环节”{quoted(info.opens)}不存在或不是人工环节。",
                f"The opening task “{quoted(info.opens)}” of the process is missing or no task.",
            )
            scene.findings.append(_about_process(process, UNKNOWN_OPENS, text))
        return
    starts = [node for node in top.nodes.values() if node.kind == "startEvent"]
    if info.key in scene.called_keys or not starts or any(node.events for node in starts):
        return
    after = {flow.target for node in starts for flow in top.out.get(node.id, ())}
    tasks = [key for key in after if is_manual(top.nodes[key])]
    if after and not (len(tasks) == 1 and len(after) == 1):
        text = Text(
            f"流程“{quoted(info.name or info.key)}”的开始事件后面不是唯一的人工环节。",
            f"The process “{quoted(info.name or info.key)}” does not start with exactly one task.",
        )
        scene.findings.append(_about_process(process, NO_OPENING, text))


def _about_process(process: CheckedProcess, rule: CheckRule, text: Text) -> Finding:
    info = process.info
    return rule.finding(info.file, text, element=info.key, line=info.line)
