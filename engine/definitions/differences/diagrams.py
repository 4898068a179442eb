"""What changes on a diagram: elements, flows and their conditions, people, limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from engine.bpmn.labels import LEVELS, ROLES, word
from engine.bpmn.nodes import Flow, Node, ParsedFile, ProcessInfo
from engine.definitions.differences.conditions import Fields, in_words
from engine.definitions.differences.sentences import Note, joined, limit, plain, quoted, turned
from feel.text import Text

KINDS = {
    "userTask": Text("环节", "task"),
    "manualTask": Text("环节", "task"),
    "task": Text("环节", "task"),
    "serviceTask": Text("服务动作", "service action"),
    "sendTask": Text("发送动作", "send action"),
    "scriptTask": Text("脚本", "script"),
    "businessRuleTask": Text("决策", "decision"),
    "callActivity": Text("调用的流程", "called process"),
    "subProcess": Text("子流程", "subprocess"),
    "startEvent": Text("开始", "start"),
    "endEvent": Text("结束", "end"),
    "boundaryEvent": Text("边界事件", "boundary event"),
}
ELEMENT = Text("元素", "element")
GATEWAY = Text("网关", "gateway")
EVENT = Text("事件", "event")

Said = Callable[[Node], Text]
# What of a node is compared, under which heading, and how it is said.
TRAITS: tuple[tuple[str, Text, Said], ...] = (
    ("flow", Text("名称", "the name"), lambda node: plain(node.name)),
    ("flow", Text("类型", "the kind"), lambda node: kind_of(node)),
    ("flow", Text("角色", "the role"), lambda node: word(ROLES, node.role)),
    ("flow", Text("层级", "the level"), lambda node: word(LEVELS, node.level)),
    ("flow", Text("承办单位", "the unit"), lambda node: plain(node.unit)),
    ("forms", Text("表单", "the form"), lambda node: plain(node.form)),
    ("flow", Text("可以撤回", "whether it may be recalled"), lambda node: plain(node.recall)),
    ("flow", Text("动作", "the action"), lambda node: _action(node)),
    ("tables", Text("决策表", "the decision"), lambda node: _decision(node)),
    ("flow", Text("脚本", "the script"), lambda node: plain(node.script)),
    ("flow", Text("调用的流程", "the called process"), lambda node: plain(node.called)),
    ("flow", Text("等待或发出的事件", "the event"), lambda node: _event(node)),
    ("flow", Text("循环", "the loop"), lambda node: _loop(node)),
    ("flow", Text("给群众看的说明", "the words for the citizen"), lambda node: plain(node.citizen)),
    ("limits", Text("办理时限", "the limit"), lambda node: limit(node.limit, node.limit_unit)),
    (
        "limits",
        Text("签收时限", "the sign-for limit"),
        lambda node: limit(node.sign_limit, node.sign_limit_unit),
    ),
    ("limits", Text("预警提前量", "the warning"), lambda node: plain(node.warn)),
)


def between(
    old: Iterable[ParsedFile], new: Iterable[ParsedFile], asked: tuple[Fields, Fields] = ({}, {})
) -> Iterator[Note]:
    """Say what changes from one set of diagrams to another; ``asked`` are the forms' questions."""
    before, after = _Drawn(old, asked[0]), _Drawn(new, asked[1])
    yield from _processes(before, after)
    for key, node in after.nodes.items():
        if key not in before.nodes:
            yield Note("flow", _appeared(node), key, "added")
        else:
            yield from _changed(before, after, before.nodes[key], node)
    for key, node in before.nodes.items():
        if key not in after.nodes:
            called = _called(node)
            text = Text(f"删除{called.zh}。", f"{_begins(called.en)} is gone.")
            yield Note("flow", text, key, "removed")
    yield from _flows(before, after)


class _Drawn:
    """Several diagrams as one."""

    def __init__(self, sources: Iterable[ParsedFile], fields: Fields) -> None:
        self.fields = fields
        self.nodes: dict[str, Node] = {}
        self.flows: dict[str, Flow] = {}
        self.processes: dict[str, ProcessInfo] = {}
        for source in sources:
            self.nodes |= source.nodes
            self.flows |= source.flows
            self.processes |= source.processes

    def default_of(self, flow: Flow) -> bool:
        """Whether a flow is the default of the gateway it leaves."""
        node = self.nodes.get(flow.source)
        return node is not None and node.default == flow.id

    def condition(self, flow: Flow) -> Text:
        """When a flow is taken."""
        return in_words(flow.condition, self.fields)

    def ends(self, flow: Flow) -> Text:
        """From where to where."""
        names = [self.nodes[key] for key in (flow.source, flow.target) if key in self.nodes]
        said = [name_of(node) for node in names] or [quoted(flow.id)]
        return Text("到".join(one.zh for one in said), " to ".join(one.en for one in said))


def kind_of(node: Node) -> Text:
    """What people call a kind of element."""
    if node.kind in KINDS:
        return KINDS[node.kind]
    if node.kind.endswith("Gateway"):
        return GATEWAY
    return EVENT if node.kind.endswith("Event") else ELEMENT


def name_of(node: Node) -> Text:
    """The element's name in quotation marks; an id says nothing to anybody."""
    name = " ".join(node.name.split())
    if name:
        return quoted(name, node.name_en)
    kind = kind_of(node)
    return Text(f"未命名的{kind.zh}", f"the unnamed {kind.en}")


def _called(node: Node) -> Text:
    """The kind of an element and its name, if it has one."""
    kind, name = kind_of(node), name_of(node)
    return Text(f"{kind.zh}{name.zh}", f"The {kind.en} {name.en}") if node.name.strip() else name


def _appeared(node: Node) -> Text:
    called = _called(node)
    zh, en = f"新增{called.zh}", f"{_begins(called.en)} is new"
    if node.role:
        role, level = word(ROLES, node.role), word(LEVELS, node.level)
        zh, en = f"{zh}，由{level.zh}{role.zh}办理", f"{en}, for the {role.en} ({level.en})"
    if node.limit is not None:
        time = limit(node.limit, node.limit_unit)
        zh, en = f"{zh}，时限{time.zh}", f"{en}, limit {time.en}"
    return Text(f"{zh}。", f"{en}.")


def _begins(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _changed(before: _Drawn, after: _Drawn, old: Node, new: Node) -> Iterator[Note]:
    for topic, what, said in TRAITS:
        one, other = said(old), said(new)
        if one != other:
            yield Note(topic, turned(name_of(new), what, one, other), new.id)
    if old.return_to != new.return_to:
        what = Text("可退回到", "where it may be returned to")
        was, is_now = _names(before, old), _names(after, new)
        yield Note("flow", turned(name_of(new), what, was, is_now), new.id)


def _names(drawn: _Drawn, node: Node) -> Text:
    known = [drawn.nodes[key] for key in node.return_to if key in drawn.nodes]
    return Text(joined([one.name for one in known]).zh, joined([_english(o) for o in known]).en)


def _english(node: Node) -> str:
    return node.name_en or node.name


def _processes(before: _Drawn, after: _Drawn) -> Iterator[Note]:
    for key, one in after.processes.items():
        if key not in before.processes:
            yield Note("flow", _begun(one))
    for key, one in before.processes.items():
        if key not in after.processes:
            name = quoted(one.name or key, one.name_en)
            yield Note("flow", Text(f"删除流程{name.zh}。", f"The process {name.en} is gone."))
    for key in before.processes.keys() & after.processes.keys():
        old, new = before.processes[key], after.processes[key]
        subject = quoted(new.name or key, new.name_en)
        pairs: tuple[tuple[str, Text, Any, Any], ...] = (
            ("flow", Text("名称", "the name"), plain(old.name), plain(new.name)),
            ("flow", Text("开案环节", "the opening task"), plain(old.opens), plain(new.opens)),
            (
                "flow",
                Text("编号前缀", "the prefix of numbers"),
                plain(old.number_prefix),
                plain(new.number_prefix),
            ),
            (
                "limits",
                Text("总时限", "the limit of a case"),
                limit(old.limit, old.limit_unit),
                limit(new.limit, new.limit_unit),
            ),
        )
        for topic, what, one, other in pairs:
            if one != other:
                yield Note(topic, turned(subject, what, one, other))


def _begun(info: ProcessInfo) -> Text:
    name, time = quoted(info.name or info.key, info.name_en), limit(info.limit, info.limit_unit)
    zh, en = f"新增流程{name.zh}", f"The process {name.en} is new"
    if info.number_prefix:
        zh, en = f"{zh}，编号前缀{info.number_prefix}", f"{en}, numbers begin {info.number_prefix}"
    if info.limit is not None:
        zh, en = f"{zh}，总时限{time.zh}", f"{en}, limit of a case {time.en}"
    return Text(f"{zh}。", f"{en}.")


def _flows(before: _Drawn, after: _Drawn) -> Iterator[Note]:
    for key, flow in after.flows.items():
        old = before.flows.get(key)
        if old is None:
            yield Note("flow", _new_flow(after, flow), key, "added")
        else:
            yield from _changed_flow(before, after, old, flow)
    for key, flow in before.flows.items():
        if key not in after.flows:
            ends = before.ends(flow)
            text = Text(f"删除从{ends.zh}的连线。", f"The flow from {ends.en} is gone.")
            yield Note("flow", text, key, "removed")


def _new_flow(drawn: _Drawn, flow: Flow) -> Text:
    ends = drawn.ends(flow)
    if drawn.default_of(flow):
        when = Text("，其他条件都不成立时走它", ", taken when no other applies")
    elif flow.condition:
        said = drawn.condition(flow)
        when = Text(f"，条件：{said.zh}", f" when {said.en}")
    else:
        when = Text("", "")
    return Text(f"新增从{ends.zh}的连线{when.zh}。", f"A flow from {ends.en} is new{when.en}.")


def _changed_flow(before: _Drawn, after: _Drawn, old: Flow, new: Flow) -> Iterator[Note]:
    ends = after.ends(new)
    subject = Text(f"从{ends.zh}的连线", f"the flow from {ends.en}")
    if (old.source, old.target) != (new.source, new.target):
        was = before.ends(old)
        text = Text(
            f"连线由从{was.zh}改为从{ends.zh}。", f"A flow from {was.en} now goes from {ends.en}."
        )
        yield Note("flow", text, new.id)
    if old.condition != new.condition:
        what = Text("条件", "the condition")
        was, now_is = before.condition(old), after.condition(new)
        yield Note("flow", turned(subject, what, was, now_is), new.id)
    if old.name != new.name:
        what = Text("名称", "the name")
        yield Note("flow", turned(subject, what, plain(old.name), plain(new.name)), new.id)
    if after.default_of(new) and not before.default_of(old):
        text = Text(
            f"{subject.zh}成为默认分支：其他条件都不成立时走它。",
            f"{subject.en.capitalize()} is the default now: taken when no other applies.",
        )
        yield Note("flow", text, new.id)


def _action(node: Node) -> Text:
    if node.action is None:
        return plain(None)
    arguments = ", ".join(f"{name} = {value}" for name, value in node.action.arguments)
    return plain(f"{node.action.name}({arguments})")


def _decision(node: Node) -> Text:
    if node.decision is None:
        return plain(None)
    return plain(" ".join([node.decision.ref, node.decision.result, *node.decision.sets]).strip())


def _event(node: Node) -> Text:
    said = (" ".join((e.kind, e.name, e.code, e.timer, e.expression)) for e in node.events)
    return plain("; ".join(" ".join(one.split()) for one in said))


def _loop(node: Node) -> Text:
    if node.loop is None:
        return plain(None)
    found: Mapping[str, Any] = {k: v for k, v in vars(node.loop).items() if k != "line" and v}
    return plain(", ".join(f"{name} {value}" for name, value in found.items()))
