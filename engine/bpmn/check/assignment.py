"""Who does a task and with which form, and which task opens a case."""

from __future__ import annotations

from collections import defaultdict

from engine.bpmn.check.engine_rules import UNKNOWN_OPENS, UNKNOWN_ROLE
from engine.bpmn.check.findings import REGISTER, CheckRule, Finding, listed, shown
from engine.bpmn.check.formulas import constant_text
from engine.bpmn.check.subject import CheckSubject, Process, called_name, is_manual
from engine.bpmn.nodes import Lane, Node
from feel.text import Text

_GROUP = REGISTER.group("assignment")

NO_ROLE = _GROUP.warning(
    "no-role",
    Text("没有指定由谁办", "Nobody is named to do it"),
    Text(
        "在属性面板里给环节或它所在的泳道选择角色；没有角色的环节不会出现在任何人的待办里。",
        "Choose a role for the task or its lane in the properties panel; without one the task "
        "shows up on nobody's list.",
    ),
)
NO_FORM = _GROUP.warning(
    "no-form",
    Text("没有表单", "No form"),
    Text(
        "在属性面板里选择表单；没有表单的环节只有一个“完成”按钮，填不了内容。",
        "Choose a form in the properties panel; without one there is only a button to finish it.",
    ),
)
UNKNOWN_FORM = _GROUP.error(
    "unknown-form",
    Text("表单不存在", "An unknown form"),
    Text(
        "选择已有的表单，或新建 forms/<流程>/<环节>.json 并一起检查。",
        "Choose an existing form, or create forms/<process>/<task>.json and check it with the "
        "diagram.",
    ),
)
UNKNOWN_UNIT = _GROUP.error(
    "unknown-unit",
    Text("单位不存在", "An unknown unit"),
    Text(
        "填单位树里的单位编码或名称；按类别派单的，填 department 由分流表决定。",
        "Give a unit's code or name from the tree, or “department” to let a triage table decide.",
    ),
)
UNSEEN_FORM = _GROUP.info(
    "form-not-seen",
    Text("没有和表单一起检查", "Checked without its forms"),
    Text(
        "连同表单一起检查，例如 fengqiao check processes forms；"
        "否则表单是否存在、变量是否有人填都没有核对。",
        "Check the diagram with its forms, such as fengqiao check processes forms; without them "
        "nobody has looked whether they exist and set the variables that are read.",
    ),
)
UNSEEN_UNIT = _GROUP.info(
    "unit-not-seen",
    Text("没有和单位树核对", "Checked without the tree of units"),
    Text(
        "在页面上检查或发布时会与单位树核对；请先确认编码无误。",
        "The editor and publishing compare it with the tree of units; make sure of the code.",
    ),
)
NO_NAME = _GROUP.warning(
    "no-name",
    Text("环节没有名称", "A task without a name"),
    Text(
        "填写名称；办事的人在待办里看到的就是它。",
        "Give it a name: it is what people see on their lists.",
    ),
)
LONG_NAME = _GROUP.error(
    "long-name",
    Text("名称太长", "A name is too long"),
    Text(
        "名称不超过 120 个字；说明写在“文档”里。",
        "Use at most 120 characters; explain more in the documentation.",
    ),
)
NO_OPENING = _GROUP.warning(
    "no-opening-task",
    Text("不知道用哪个环节开案", "No task opens a case"),
    Text(
        "让开始事件直接连到登记用的人工环节，或在流程属性里指定“开案环节”；否则页面上不能新建这类事项。",
        "Let the start event lead straight to the task that registers a case, or name it in the "
        "process's properties; otherwise nobody can open one on a page.",
    ),
)

_MAX_NAME = 120


def check(scene: CheckSubject, process: Process) -> None:
    """Look at every task, at message buttons, and at how a case is opened."""
    tasks = [node for node in process.nodes if is_manual(node)]
    _roles(scene, process, tasks)
    _without_form(scene, process, tasks)
    for node in process.nodes:
        _name(scene, node)
        _form(scene, node)
    _unseen_forms(scene, process)
    for node in tasks:
        _unit(scene, node)
    _opening(scene, process)


def _roles(scene: CheckSubject, process: Process, tasks: list[Node]) -> None:
    """One finding a lane where the lane is at fault, else one a task."""
    faulty = {fault.element for fault in process.source.faults if fault.rule == "unknown-role"}
    lanes: dict[str, list[Node]] = defaultdict(list)
    alone: list[Node] = []
    for node in tasks:
        if node.role and node.role not in scene.known.roles:
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


def _alone(scene: CheckSubject, process: Process, nodes: list[Node], tasks: int) -> None:
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
        f"泳道“{shown(lane.name or lane.id)}”没有角色，这些环节没有人办：{names.zh}。",
        f"The lane “{shown(lane.name or lane.id)}” has no role; nobody is named to do: {names.en}.",
    )
    first = members[0]
    scene.findings.append(NO_ROLE.finding(first.file, text, element=lane.id, line=first.line))


def _unknown_role(scene: CheckSubject, node: Node) -> None:
    text = Text(
        f"“{called_name(node)}”的角色“{shown(node.role)}”在本系统里不存在。",
        f"The role “{shown(node.role)}” of “{called_name(node)}” does not exist here.",
    )
    scene.find(UNKNOWN_ROLE, node, text)


def _name(scene: CheckSubject, node: Node) -> None:
    if len(node.name) > _MAX_NAME or len(node.name_en) > _MAX_NAME:
        text = Text(
            f"“{shown(node.name)}”的名称有{len(node.name)}个字。",
            f"The name “{shown(node.name)}” has {len(node.name)} characters.",
        )
        scene.find(LONG_NAME, node, text)
    elif is_manual(node) and not node.name.strip():
        text = Text(
            f"人工环节“{shown(node.id)}”没有名称。", f"The task “{shown(node.id)}” has no name."
        )
        scene.find(NO_NAME, node, text)


def _form(scene: CheckSubject, node: Node) -> None:
    name, keys = called_name(node), scene.form_keys
    if node.form and keys is not None and node.form not in keys and not scene.files.lost("form"):
        text = Text(
            f"“{name}”的表单“{shown(node.form)}”不存在。",
            f"The form “{shown(node.form)}” of “{name}” does not exist.",
        )
        scene.find(UNKNOWN_FORM, node, text)


def _without_form(scene: CheckSubject, process: Process, tasks: list[Node]) -> None:
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


def _unseen_forms(scene: CheckSubject, process: Process) -> None:
    """One finding a process: what is said of its forms and variables is less than usual."""
    nodes = [node for node in process.nodes if node.form]
    if not nodes or scene.form_keys is not None or scene.files.lost("form"):
        return
    names = listed([shown(name) for name in dict.fromkeys(node.form for node in nodes)])
    text = Text(
        f"这些表单不在一起检查的文件里：{names.zh}。",
        f"These forms are not among the files that are checked: {names.en}.",
    )
    if len(nodes) == 1:
        scene.find(UNSEEN_FORM, nodes[0], text)
    else:
        scene.findings.append(_about_process(process, UNSEEN_FORM, text))


def _names(nodes: list[Node]) -> Text:
    return listed([called_name(node) for node in nodes])


def _unit(scene: CheckSubject, node: Node) -> None:
    """A unit that is named outright must exist; variables are known only when a case runs."""
    known = scene.known.units
    named = constant_text(node.unit)
    if known is None and named:
        text = Text(
            f"“{called_name(node)}”的承办单位“{shown(named)}”没有与单位树核对。",
            f"The unit “{shown(named)}” of “{called_name(node)}” was compared with no tree.",
        )
        scene.find(UNSEEN_UNIT, node, text)
    if known is not None and named is not None and named not in known:
        text = Text(
            f"“{called_name(node)}”的承办单位“{shown(named)}”不存在。",
            f"The unit “{shown(named)}” of “{called_name(node)}” does not exist.",
        )
        scene.find(UNKNOWN_UNIT, node, text)


def _opening(scene: CheckSubject, process: Process) -> None:
    info, top = process.info, process.top
    if info.opens:
        node = top.nodes.get(info.opens)
        if node is None or not is_manual(node):
            text = Text(
                f"流程的“开案环节”{shown(info.opens)}不存在或不是人工环节。",
                f"The opening task “{shown(info.opens)}” of the process is missing or no task.",
            )
            scene.findings.append(_about_process(process, UNKNOWN_OPENS, text))
        return
    starts = [node for node in top.nodes.values() if node.kind == "startEvent"]
    if info.key in scene.called or not starts or any(node.events for node in starts):
        return
    after = {flow.target for node in starts for flow in top.out.get(node.id, ())}
    tasks = [key for key in after if is_manual(top.nodes[key])]
    if after and not (len(tasks) == 1 and len(after) == 1):
        text = Text(
            f"流程“{shown(info.name or info.key)}”的开始事件后面不是唯一的人工环节。",
            f"The process “{shown(info.name or info.key)}” does not start with exactly one task.",
        )
        scene.findings.append(_about_process(process, NO_OPENING, text))


def _about_process(process: Process, rule: CheckRule, text: Text) -> Finding:
    info = process.info
    return rule.finding(info.file, text, element=info.key, line=info.line)
