"""One element of a diagram in words: its kind, who does it, how often, what it waits for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.bpmn.actions import ACTIONS
from engine.bpmn.elements.registry import KIND_NAMES
from engine.bpmn.labels import NOTHING
from engine.bpmn.nodes import EventDefinition, Flow, Lane, Loop, Node, ParsedFile, ProcessInfo
from engine.definitions.differences.conditions import Fields, in_words
from engine.definitions.differences.sentences import as_list, joined, plain, quoted
from feel.text import Text

_PARAMETERS = {
    "to": Text("到哪一级", "to"),
    "department": Text("承办部门", "department"),
    "priority": Text("紧急程度", "priority"),
    "risk": Text("风险等级", "risk"),
    "limit": Text("时限", "limit"),
    "unit": Text("单位", "unit"),
    "role": Text("通知谁", "role"),
    "level": Text("哪一级", "level"),
    "text": Text("内容", "text"),
    "text_en": Text("英文内容", "English text"),
    "process": Text("流程", "process"),
    "title": Text("标题", "title"),
    "reason": Text("理由", "reason"),
    "template": Text("模板", "template"),
    "code": Text("错误代码", "code"),
}
_EVENTS = {
    "message": Text("消息", "message"),
    "signal": Text("信号", "signal"),
    "escalation": Text("升级", "escalation"),
    "error": Text("错误", "error"),
    "terminate": Text("终止整个流程", "terminates the process"),
    "link": Text("链接", "link"),
    "compensate": Text("补偿", "compensation"),
    "conditional": Text("条件", "condition"),
    "cancel": Text("取消", "cancel"),
}
_TIMERS = {
    "date": Text("到时刻", "at"),
    "duration": Text("经过", "after"),
    "cycle": Text("每隔", "every"),
    "": Text("定时", "timer"),
}
_ONE = {"parallel": Text("同时办理", "all at once"), "sequential": Text("依次办理", "one by one")}
TRIAGED = Text("分流确定的承办部门", "the department that triage names")


@dataclass(frozen=True)
class DiagramWords:
    """What the words of a diagram are taken from: the questions and titles of its forms."""

    fields: Fields = field(default_factory=dict)
    titles: Mapping[str, Text] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)


class Drawing:
    """One diagram with the words around it; nothing for a file that is not there."""

    def __init__(self, source: ParsedFile | None, words: DiagramWords) -> None:
        self.words = words
        self.nodes: Mapping[str, Node] = source.nodes if source else {}
        self.flows: Mapping[str, Flow] = source.flows if source else {}
        self.lanes: Mapping[str, Lane] = source.lanes if source else {}
        self.processes: Mapping[str, ProcessInfo] = source.processes if source else {}

    def default_of(self, flow: Flow) -> bool:
        """Return whether a flow is the default of the gateway it leaves."""
        node = self.nodes.get(flow.source)
        return node is not None and node.default == flow.id

    def condition(self, flow: Flow) -> Text:
        """Return when a flow is taken."""
        return in_words(flow.condition, self.words.fields)

    def ends(self, flow: Flow) -> Text:
        """From where to where."""
        names = [self.nodes[key] for key in (flow.source, flow.target) if key in self.nodes]
        said = [name_of(node) for node in names] or [quoted(flow.id)]
        return Text("到".join(one.zh for one in said), " to ".join(one.en for one in said))

    def name_at(self, key: str) -> Text:
        """Return the name of the element with that id; the id of one that is not there."""
        return name_of(self.nodes[key]) if key in self.nodes else plain(key)

    def target(self, flow_id: str) -> Text:
        """Return where a flow leads to, by name."""
        flow = self.flows.get(flow_id)
        if flow is None:
            return plain(flow_id)
        to = self.name_at(flow.target)
        return Text(f"到{to.zh}的连线", f"the flow to {to.en}")


def kind_of(node: Node) -> Text:
    """Return what people call a kind of element."""
    return KIND_NAMES.get(node.kind) or Text(f"元素（{node.kind}）", f"element ({node.kind})")


def name_of(node: Node) -> Text:
    """Return the element's name in quotation marks; an id says nothing to anybody."""
    name = " ".join(node.name.split())
    if name:
        return quoted(name, node.name_en)
    kind = kind_of(node)
    return Text(f"未命名的{kind.zh}", f"the unnamed {kind.en}")


def kind_and_name(node: Node) -> Text:
    """Return the kind of an element and its name, if it has one."""
    kind, name = kind_of(node), name_of(node)
    return Text(f"{kind.zh}{name.zh}", f"the {kind.en} {name.en}") if node.name.strip() else name


def unit(drawn: Drawing, node: Node) -> Text:
    """Return whose work it is where no fixed unit does it."""
    if not node.unit:
        return NOTHING
    if node.loop is not None and node.unit == node.loop.item:
        return Text("其中的每一个单位", "each unit of them")
    if node.unit == "department":
        return TRIAGED
    return answer(drawn, node.unit)


def answer(drawn: Drawing, source: str) -> Text:
    """Return a value by the question that it comes from; an expression as it is written."""
    asked = drawn.words.fields.get(source)
    if asked is None:
        return plain(source)
    return Text(f"“{asked.label.zh}”（{source}）", f"“{asked.label.en}” ({source})")


def loop(drawn: Drawing, node: Node) -> Text:
    """Return how often it is done: for each of what, at once or one by one, until when."""
    if node.loop is None:
        return NOTHING
    return _repeated(drawn, node.loop) if node.loop.kind == "standard" else _each(drawn, node.loop)


def _repeated(drawn: Drawing, one: Loop) -> Text:
    condition = in_words(one.condition, drawn.words.fields) if one.condition else plain(None)
    zh, en = f"只要 {condition.zh} 就重复", f"again as long as {condition.en}"
    if one.test_before:
        zh, en = f"{zh}，每次先判断", f"{en}, tested first"
    if one.maximum is not None:
        zh, en = f"{zh}，最多 {one.maximum} 次", f"{en}, {one.maximum} times at most"
    return Text(zh, en)


def _each(drawn: Drawing, one: Loop) -> Text:
    how = _ONE[one.kind]
    if one.items:
        whom = answer(drawn, one.items)
        zh, en = f"{whom.zh}中的每一个各办一次，{how.zh}", f"each of {whom.en}, {how.en}"
    else:
        count = one.cardinality or "?"
        zh, en = f"办 {count} 次，{how.zh}", f"{count} times, {how.en}"
    if one.items and one.cardinality:
        zh, en = f"{zh}，共 {one.cardinality} 次", f"{en}, {one.cardinality} times"
    if one.item:
        zh, en = f"{zh}；每一个称为 {one.item}", f"{en}; each is called {one.item}"
    if one.out or one.of:
        of, out = answer(drawn, one.of) if one.of else plain("结果"), one.out or "?"
        of = of if one.of else Text("结果", "results")
        zh, en = f"{zh}；各自的{of.zh}汇总为 {out}", f"{en}; their {of.en} are collected as {out}"
    if one.until:
        end = in_words(one.until, drawn.words.fields)
        zh, en = f"{zh}；{end.zh} 时提前结束", f"{en}; over early once {end.en}"
    return Text(zh, en)


def events(drawn: Drawing, node: Node) -> Text:
    """Return what an event waits for or throws."""
    return as_list([_event(one) for one in node.events])


def _event(one: EventDefinition) -> Text:
    if one.kind == "timer":
        when = _TIMERS.get(one.timer) or plain(one.timer)
        return Text(f"{when.zh} {one.expression}", f"{when.en} {one.expression}")
    kind = _EVENTS.get(one.kind) or plain(one.kind)
    if not one.name and not one.code:
        return kind
    code = f"（{one.code}）" if one.code not in ("", one.name) else ""
    english = f" ({one.code})" if code else ""
    return Text(f"{kind.zh}“{one.name}”{code}", f"{kind.en} “{one.name}”{english}")


def action(node: Node) -> Text:
    """Return the named function of a service task with its arguments."""
    if node.action is None:
        return NOTHING
    known = ACTIONS.get(node.action.name)
    title = known.text if known else Text("动作", "action")
    name = Text(f"{title.zh}（{node.action.name}）", f"{title.en} ({node.action.name})")
    given = [
        Text(f"{(_PARAMETERS.get(key) or plain(key)).zh}（{key}）为 {value}",
             f"{(_PARAMETERS.get(key) or plain(key)).en} ({key}) = {value}")
        for key, value in node.action.arguments
    ]  # fmt: skip
    if not given:
        return name
    said = as_list(given)
    return Text(f"{name.zh}：{said.zh}", f"{name.en}: {said.en}")


def decision(drawn: Drawing, node: Node) -> Text:
    """Return the decision table that decides, and what becomes of its outputs."""
    if node.decision is None:
        return NOTHING
    name = drawn.words.tables.get(node.decision.ref)
    ref = node.decision.ref
    zh, en = (f"“{name}”（{ref}）", f"“{name}” ({ref})") if name else (ref, ref)
    if node.decision.result:
        zh, en = f"{zh}，结果称为 {node.decision.result}", f"{en}, result {node.decision.result}"
    if node.decision.sets:
        sets = joined(node.decision.sets)
        zh, en = f"{zh}，写入事项：{sets.zh}", f"{en}, sets {sets.en} of the case"
    return Text(zh, en)


def form(drawn: Drawing, node: Node) -> Text:
    """Return the form by its title."""
    title = drawn.words.titles.get(node.form)
    if title is None:
        return plain(node.form)
    return Text(f"“{title.zh}”（{node.form}）", f"“{title.en}” ({node.form})")
