"""What has no sentence of its own, as the values before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.bpmn.elements.registry import KIND_NAMES
from engine.bpmn.labels import NOTHING
from engine.definitions.differences.content import (
    KIND,
    ORDER,
    PARENT,
    ComparedItem,
    Content,
    ValueChange,
)
from engine.definitions.differences.sentences import DifferenceNote, Place, begins
from feel.text import Text

_KINDS = {
    **KIND_NAMES,
    "definitions": Text("文件", "file"),
    "form": Text("表单", "form"),
    "process": Text("流程", "process"),
    "lane": Text("泳道", "lane"),
    "sequenceFlow": Text("连线", "flow"),
    "message": Text("消息", "message"),
    "signal": Text("信号", "signal"),
    "escalation": Text("升级事件", "escalation"),
    "error": Text("错误", "error"),
    "collaboration": Text("协作", "collaboration"),
    "participant": Text("泳池", "pool"),
    "textAnnotation": Text("批注", "annotation"),
    "association": Text("关联线", "association"),
    "dataObject": Text("数据对象", "data object"),
    "dataObjectReference": Text("数据对象", "data object"),
    "dataStoreReference": Text("数据存储", "data store"),
    "decision": Text("决策表", "table"),
    "input": Text("输入列", "input"),
    "output": Text("输出列", "output"),
    "rule": Text("规则", "rule"),
    "inputData": Text("输入数据", "input data"),
    "itemDefinition": Text("数据类型", "type of data"),
    "businessKnowledgeModel": Text("函数", "function"),
    "group": Text("组", "group"),
    "field": Text("字段", "field"),
}
_VALUES = {
    "@name": Text("名称", "name"),
    "@id": Text("编号", "id"),
    "@label": Text("名称", "label"),
    "@typeRef": Text("类型", "type"),
    "@processRef": Text("流程", "process"),
    "@exporter": Text("制图软件", "exporting program"),
    "@exporterVersion": Text("制图软件版本", "version of the exporting program"),
    "documentation": Text("说明", "description"),
    "description": Text("说明", "description"),
    "extensionElements/gov:label": Text("英文名称", "English name"),
    "extensionElements/gov:label@lang": Text("英文名称的语言", "language of the label"),
    "conditionExpression": Text("条件", "condition"),
    "conditionExpression@type": Text("条件的写法", "kind of condition"),
    "text": Text("文字", "text"),
    KIND: Text("类型", "kind"),
    PARENT: Text("所在的上一级", "what it stands in"),
}
# Of something new: what modelers number for themselves, and where it stands.
_TECHNICAL = ("@id", "@type", PARENT)
_NAMES = frozenset({"@name", "@label", "extensionElements/gov:label",
                    "extensionElements/gov:label@lang"})  # fmt: skip
_OF_FILE = frozenset(
    {KIND, "@id", "@name", "@targetNamespace", "@namespace", "@exporter", "@exporterVersion"}
    | {"@expressionLanguage", "@typeLanguage", "@schemaLocation"}
)


def untold(
    changes: Iterable[ValueChange], told: frozenset[Place], *, fresh: bool
) -> list[ValueChange]:
    """Return the changes that no sentence tells; ``fresh`` is a file that was not there before."""
    changes = list(changes)
    added = {one.owner for one in changes if one.at == KIND and one.old is None}
    # Their name is part of the line that says they are new.
    unsaid = {owner for owner in added if (owner, KIND) not in told}
    begun: dict[str, list[str]] = {}
    for owner, at in told:
        if at.endswith("*"):
            begun.setdefault(owner, []).append(at[:-1])
    return [
        one
        for one in changes
        if (one.owner, one.at) not in told
        and not any(one.at.startswith(start) for start in begun.get(one.owner, ()))
        and not (one.owner in added and one.old is None and one.at.endswith(_TECHNICAL))
        and not (one.owner in unsaid and one.at in _NAMES)
        and not (fresh and not one.owner and one.at in _OF_FILE)
    ]


def line_changes(
    changes: Iterable[ValueChange],
    contents: tuple[Content, Content],
    topic: str,
    called: Text,
) -> Iterator[DifferenceNote]:
    """Yield a note for each change, with the values themselves."""
    for one in changes:
        before, after = (content.entries.get(one.owner) for content in contents)
        entry = after or before
        assert entry is not None
        owner = _owner(entry, called)
        mark = one.owner if topic == "flow" else ""
        if one.at == ORDER:
            text = Text(
                f"{owner.zh}里的各项换了先后。",
                f"What stands in {owner.en} is in another order.",
            )
            yield DifferenceNote(topic, text, mark)
        elif one.at == KIND and None in (one.old, one.new):
            text = (
                Text(f"新增{owner.zh}。", f"{begins(owner.en)} is new.")
                if one.old is None
                else Text(f"删除{owner.zh}。", f"{begins(owner.en)} is gone.")
            )
            yield DifferenceNote(topic, text, mark, "added" if one.old is None else "removed")
        else:
            yield _line(topic, mark, owner, one)


def _line(topic: str, mark: str, owner: Text, one: ValueChange) -> DifferenceNote:
    what = _VALUES.get(one.at) or Text(one.at, one.at)
    where = Text(f"{owner.zh}：{what.zh}", f"{begins(owner.en)}: {what.en}")
    old, new = (
        NOTHING if value is None else Text(f"“{value}”", f"“{value}”")
        for value in (one.old, one.new)
    )
    text = Text(f"{where.zh}由{old.zh}改为{new.zh}。", f"{where.en}: from {old.en} to {new.en}.")
    return DifferenceNote(topic, text, mark, where=where, before=one.old, after=one.new)


def _owner(entry: ComparedItem, called: Text) -> Text:
    """Return what people know the owner of a value by; an id only where there is nothing else."""
    if not entry.key:
        return called
    kind = _KINDS.get(entry.kind) or Text(f"元素 {entry.kind} ", f"element {entry.kind}")
    name = entry.name or Text("", "")
    zh, en = name.zh or name.en or entry.key, name.en or name.zh or entry.key
    return Text(f"{kind.zh}“{zh}”", f"the {kind.en} “{en}”")
