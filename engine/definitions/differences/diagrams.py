"""What changes on a diagram: elements, flows and their conditions, people, limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engine.bpmn.elements.registry import MANUAL_KINDS
from engine.bpmn.labels import ANSWERS, NOTHING, ROLES, word
from engine.bpmn.nodes import Flow, Lane, Node, ParsedFile, ProcessInfo
from engine.definitions.differences.elements import (
    DiagramWords,
    Drawing,
    kind_and_name,
    name_of,
)
from engine.definitions.differences.sentences import (
    WHOLE,
    DifferenceNote,
    begins,
    inside,
    limit,
    places,
    plain,
    quoted,
    turned,
)
from engine.definitions.differences.traits import CLOCK, LABEL, OWN, TRAITS, NodeTrait, task_places
from engine.terms.levels import NAMES as LEVELS
from feel.text import Text

__all__ = ["DiagramWords", "between", "name_of"]

# Said in the first words about a new element, or true of nearly every one.
_SAID_FIRST = frozenset({"name", "name_en", "kind", "role", "level"})
_USUAL: dict[str, Any] = {"recall": True, "interrupting": True, "triggered": False}


def between(
    old: ParsedFile | None,
    new: ParsedFile | None,
    asked: tuple[DiagramWords, DiagramWords] = (DiagramWords(), DiagramWords()),
) -> Iterator[DifferenceNote]:
    """Yield the changes from a diagram to its successor; None stands for no file.

    ``asked`` is what the words are taken from, before and after.
    """
    before, after = Drawing(old, asked[0]), Drawing(new, asked[1])
    yield from _processes(before, after)
    yield from _lanes(before, after)
    for key in _in_order(after):
        if key in after.nodes:
            node = after.nodes[key]
            if key not in before.nodes:
                yield _appeared(after, node)
            else:
                yield from _changed(before, after, before.nodes[key], node)
        else:
            yield from _flow(before, after, after.flows[key])
    for key, node in before.nodes.items():
        if key not in after.nodes:
            yield _removal(node)
    for key, flow in before.flows.items():
        if key not in after.flows:
            ends = before.ends(flow)
            text = Text(f"删除从{ends.zh}的连线。", f"The flow from {ends.en} is gone.")
            yield DifferenceNote("flow", text, key, "removed", places(key, WHOLE) | _linked(flow))


def _in_order(drawn: Drawing) -> list[str]:
    """Return nodes as work runs through them, each with the flows that leave it; then all
    others.
    """
    leaving: dict[str, list[Flow]] = {}
    for flow in drawn.flows.values():
        leaving.setdefault(flow.source, []).append(flow)
    starts = [key for key, node in drawn.nodes.items() if node.kind == "startEvent"]
    waiting, found = [*starts, *drawn.nodes], dict[str, None]()
    inner = {node.attached_to: key for key, node in drawn.nodes.items() if node.attached_to}
    while waiting:
        key = waiting.pop(0)
        if key in found or key not in drawn.nodes:
            continue
        flows = leaving.get(key, [])
        found |= dict.fromkeys([key, *(flow.id for flow in flows)])
        waiting[:0] = [flow.target for flow in flows] + ([inner[key]] if key in inner else [])
    return [*found, *(key for key in drawn.flows if key not in found)]


def _appeared(drawn: Drawing, node: Node) -> DifferenceNote:
    """Return a new element, whole."""
    name = kind_and_name(node)
    zh, en = f"新增{name.zh}", f"{begins(name.en)} is new"
    if people := _people(node):
        zh, en = f"{zh}，{people.zh}", f"{en}, {people.en}"
    tells = set(places(node.id, "#kind", "#in", *TRAITS[0].tells, *task_places("role", "level")))
    for trait in TRAITS:
        values = trait.of(node)
        tells |= places(node.id, *trait.tells)
        if trait.parts[0] in _SAID_FIRST or _usual(trait, values):
            continue
        said = inside(trait.wording(drawn, node))
        zh, en = f"{zh}；{trait.what.zh}：{said.zh}", f"{en}; {trait.what.en}: {said.en}"
    if node.name_en:
        tells |= places(node.id, LABEL, f"{LABEL}@lang")
        zh = f"{zh}；英文名称：{node.name_en}"
    if node.lane is not None:
        tells |= _seated(node)
        zh, en = f"{zh}；泳道：{node.lane.name}", f"{en}; lane: {node.lane.name_en}"
    return DifferenceNote("flow", Text(f"{zh}。", f"{en}."), node.id, "added", frozenset(tells))


def _people(node: Node) -> Text | None:
    """Return who does it: of what no person does, only what is said beyond its lane."""
    lane = node.lane or Lane("", "")
    of_lane = (node.role, node.level) == (lane.role, lane.level)
    if not (node.role or node.level) or (node.kind not in MANUAL_KINDS and of_lane):
        return None
    role, level = word(ROLES, node.role), word(LEVELS, node.level)
    # The level of a grid and its people share a word.
    place = "" if role.zh.startswith(level.zh) else level.zh
    return Text(f"由{place}{role.zh}办理", f"for the {role.en} ({level.en})")


def _usual(trait: NodeTrait, values: list[Any]) -> bool:
    part = trait.parts[0]
    return values[0] == _USUAL[part] if part in _USUAL else values[0] in (None, "", ())


def _removal(node: Node) -> DifferenceNote:
    name = kind_and_name(node)
    text = Text(f"删除{name.zh}。", f"{begins(name.en)} is gone.")
    return DifferenceNote("flow", text, node.id, "removed", places(node.id, WHOLE) | _seated(node))


def _changed(before: Drawing, after: Drawing, old: Node, new: Node) -> Iterator[DifferenceNote]:
    for trait in TRAITS:
        if trait.of(old) == trait.of(new):
            continue
        one, other = trait.wording(before, old), trait.wording(after, new)
        if one != other:
            text = turned(name_of(new), trait.what, one, other)
            yield DifferenceNote(trait.topic, text, new.id, tells=places(new.id, *trait.tells))
    was, now = (node.lane.id if node.lane else "" for node in (old, new))
    if was != now:
        lanes = (plain(node.lane.name if node.lane else None) for node in (old, new))
        text = turned(name_of(new), Text("泳道", "the lane"), *lanes)
        yield DifferenceNote("flow", text, new.id, tells=_seated(old) | _seated(new))


def _seated(node: Node) -> frozenset[tuple[str, str]]:
    """That a lane lists a node."""
    return places(node.lane.id, f"flowNodeRef[{node.id}]") if node.lane else frozenset()


# Processes and lanes

_PROCESS: tuple[tuple[str, Text, Callable[[Drawing, ProcessInfo], Text], tuple[str, ...]], ...] = (
    ("flow", Text("名称", "the name"), lambda d, p: plain(p.name), ("@name",)),
    ("flow", Text("英文名称", "the English name"), lambda d, p: plain(p.name_en),
     (LABEL, f"{LABEL}@lang")),
    ("flow", Text("说明", "the description"), lambda d, p: plain(p.documentation),
     ("documentation",)),
    ("flow", Text("事项类型", "the kind of case"), lambda d, p: plain(p.case_type),
     (f"{OWN}process@caseType",)),
    ("flow", Text("编号前缀", "the prefix of numbers"), lambda d, p: plain(p.number_prefix),
     (f"{OWN}process@numberPrefix",)),
    ("flow", Text("开案环节", "the opening task"),
     lambda d, p: d.name_at(p.opens) if p.opens else NOTHING, (f"{OWN}process@opens",)),
    ("limits", Text("总时限", "the limit of a case"), lambda d, p: limit(p.limit, p.limit_unit),
     (f"{OWN}process@limit", f"{OWN}process@limitUnit")),
    ("flow", Text("可以运行", "whether it runs"), lambda d, p: plain(p.executable),
     ("@isExecutable",)),
)  # fmt: skip


def _processes(before: Drawing, after: Drawing) -> Iterator[DifferenceNote]:
    for key, one in after.processes.items():
        if key not in before.processes:
            yield _begun(after, one)
        else:
            yield from _process(before, after, before.processes[key], one)
    for key, one in before.processes.items():
        if key not in after.processes:
            name = quoted(one.name or key, one.name_en)
            text = Text(f"删除流程{name.zh}。", f"The process {name.en} is gone.")
            yield DifferenceNote("flow", text, tells=places(key, WHOLE))


def _process(
    before: Drawing, after: Drawing, old: ProcessInfo, new: ProcessInfo
) -> Iterator[DifferenceNote]:
    subject = quoted(new.name or new.key, new.name_en)
    for topic, what, said, tells in _PROCESS:
        # Renamed elements are reported where they stand.
        if said(after, old) != said(after, new):
            text = turned(subject, what, said(before, old), said(after, new))
            yield DifferenceNote(topic, text, tells=places(new.key, *tells))


def _begun(drawn: Drawing, info: ProcessInfo) -> DifferenceNote:
    name, time = quoted(info.name or info.key, info.name_en), limit(info.limit, info.limit_unit)
    zh, en = f"新增流程{name.zh}", f"The process {name.en} is new"
    if info.number_prefix:
        zh, en = f"{zh}，编号前缀{info.number_prefix}", f"{en}, numbers begin {info.number_prefix}"
    if info.limit is not None:
        zh, en = f"{zh}，总时限{time.zh}", f"{en}, limit of a case {time.en}"
    if info.opens:
        opens = drawn.name_at(info.opens)
        zh, en = f"{zh}，由{opens.zh}开案", f"{en}, opened by {opens.en}"
    for said, what in (
        (info.case_type, Text("事项类型", "kind of case")),
        (info.name_en, Text("英文名称", "English name")),
        (info.documentation, Text("说明", "description")),
    ):
        if said:
            whole = inside(plain(said))
            zh, en = f"{zh}；{what.zh}：{whole.zh}", f"{en}; {what.en}: {whole.en}"
    if not info.executable:
        zh, en = f"{zh}；不能运行", f"{en}; does not run"
    told = [place for *_, below in _PROCESS for place in below]
    tells = places(info.key, "#kind", "#in", *told)
    return DifferenceNote("flow", Text(f"{zh}。", f"{en}."), tells=tells)


def _lanes(before: Drawing, after: Drawing) -> Iterator[DifferenceNote]:
    lane = f"{OWN}lane"
    for key, new in after.lanes.items():
        old = before.lanes.get(key)
        if old is None:
            role, level = word(ROLES, new.role), word(LEVELS, new.level)
            zh, en = f"新增泳道“{new.name}”", f"The lane “{new.name_en or new.name}” is new"
            zh = f"{zh}：{level.zh}{role.zh}；英文名称：{new.name_en or NOTHING.zh}。"
            tells = places(
                key,
                "#kind",
                "#in",
                "@name",
                LABEL,
                f"{lane}@role",
                f"{lane}@level",
                f"{LABEL}@lang",
            )
            yield DifferenceNote(
                "flow", Text(zh, f"{en}: {role.en} ({level.en})."), key, "added", tells
            )
        else:
            yield from _lane(old, new)
    for key, old in before.lanes.items():
        if key not in after.lanes:
            text = Text(f"删除泳道“{old.name}”。", f"The lane “{old.name_en or old.name}” is gone.")
            yield DifferenceNote("flow", text, key, "removed", places(key, WHOLE))


def _lane(old: Lane, new: Lane) -> Iterator[DifferenceNote]:
    name = Text(f"泳道“{new.name}”", f"the lane “{new.name_en or new.name}”")
    lane = f"{OWN}lane"
    pairs = (
        (Text("名称", "the name"), plain(old.name), plain(new.name), ("@name",)),
        (Text("英文名称", "the English name"), plain(old.name_en), plain(new.name_en), (LABEL,)),
        (Text("角色", "the role"), word(ROLES, old.role), word(ROLES, new.role), (f"{lane}@role",)),
        (Text("层级", "the level"), word(LEVELS, old.level), word(LEVELS, new.level),
         (f"{lane}@level",)),
    )  # fmt: skip
    for what, one, other, tells in pairs:
        if one != other:
            yield DifferenceNote(
                "flow", turned(name, what, one, other), new.id, tells=places(new.id, *tells)
            )


# Flows


def _linked(flow: Flow) -> frozenset[tuple[str, str]]:
    """That the two ends of a flow list it."""
    return places(flow.source, f"outgoing[{flow.id}]") | places(flow.target, f"incoming[{flow.id}]")


def _flow(before: Drawing, after: Drawing, flow: Flow) -> Iterator[DifferenceNote]:
    old = before.flows.get(flow.id)
    if old is None:
        ends = ("#kind", "#in", "@sourceRef", "@targetRef", "@name", "conditionExpression")
        # What every modeler writes at a condition.
        told = places(flow.id, *ends, "conditionExpression@type", LABEL, f"{LABEL}@lang")
        told |= places(flow.id, f"{OWN}answered", f"{OWN}reopened")
        yield DifferenceNote("flow", _new_flow(after, flow), flow.id, "added", told | _linked(flow))
    else:
        yield from _changed_flow(before, after, old, flow)


def _new_flow(drawn: Drawing, flow: Flow) -> Text:
    ends = drawn.ends(flow)
    zh, en = "", ""
    if flow.condition:
        said = drawn.condition(flow)
        zh, en = f"，条件：{said.zh}", f" when {said.en}"
    if drawn.default_of(flow):
        zh, en = f"{zh}，其他条件都不成立时走它", f"{en}, taken when no other applies"
    if flow.answer:
        said = word(ANSWERS, flow.answer)
        zh, en = f"{zh}，答复时限：{said.zh}", f"{en}, reply deadline: {said.en}"
    if flow.name:
        zh, en = f"{zh}，名称“{flow.name}”", f"{en}, named “{flow.name}”"
    if flow.name_en:
        zh, en = f"{zh}（{flow.name_en}）", f"{en} ({flow.name_en})"
    return Text(f"新增从{ends.zh}的连线{zh}。", f"A flow from {ends.en} is new{en}.")


def _changed_flow(
    before: Drawing, after: Drawing, old: Flow, new: Flow
) -> Iterator[DifferenceNote]:
    ends = after.ends(new)
    subject = Text(f"从{ends.zh}的连线", f"the flow from {ends.en}")
    if (old.source, old.target) != (new.source, new.target):
        was = before.ends(old)
        text = Text(
            f"连线由从{was.zh}改为从{ends.zh}。", f"A flow from {was.en} now goes from {ends.en}."
        )
        if was != ends:
            told = places(new.id, "@sourceRef", "@targetRef") | _linked(old) | _linked(new)
            yield DifferenceNote("flow", text, new.id, tells=told)
    if old.condition != new.condition:
        what = Text("条件", "the condition")
        text = turned(subject, what, before.condition(old), after.condition(new))
        yield DifferenceNote("flow", text, new.id, tells=places(new.id, "conditionExpression"))
    for what, one, other, at in (
        (Text("名称", "the name"), old.name, new.name, "@name"),
        (Text("英文名称", "the English name"), old.name_en, new.name_en, LABEL),
    ):
        if one != other:
            text = turned(subject, what, plain(one), plain(other))
            yield DifferenceNote("flow", text, new.id, tells=places(new.id, at))
    if old.answer != new.answer:
        text = turned(subject, CLOCK, word(ANSWERS, old.answer), word(ANSWERS, new.answer))
        told = places(new.id, f"{OWN}answered", f"{OWN}reopened")
        yield DifferenceNote("limits", text, new.id, tells=told)
