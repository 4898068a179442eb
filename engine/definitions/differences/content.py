"""The canonical content of a definition file: named entries with their values.

Two files of the same canonical content mean the same and are drawn differently at most. White
space between elements, comments, namespace prefixes and the order of attributes or keys are no
content; neither is the picture (``BPMNDI``, ``DMNDI``, widths of columns), which is kept apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from engine.bpmn.errors import XmlRefused
from engine.bpmn.parsing import xml
from feel.text import Text

# Elements that carry an id and are still only a part of what people see.
_INNER = (
    "EventDefinition", "Characteristics", "Expression", "Set", "Values", "Entry", "Table",
    "Condition", "Cardinality", "timeDate", "timeDuration", "timeCycle", "Requirement",
    "dataInput", "dataOutput", "DataItem", "Association", "literalExpression", "variable",
)  # fmt: skip
_BY_TEXT = frozenset({"incoming", "outgoing", "flowNodeRef"})
_TABLE = frozenset({"input", "output", "rule"})
_PICTURE = frozenset({"BPMNDiagram", "DMNDI"})
_OWN = {xml.BPMN: "", xml.GOV: "gov:"}
_BIODI = "http://bpmn.io/schema/dmn/biodi/"
_LIKE_JSON = re.compile(r'true$|false$|null$|-?[0-9]|["\[{]')
ORDER, KIND, PARENT = "#order", "#kind", "#in"


@dataclass
class ComparedItem:
    """One thing that people know by a name, or the file itself (key ``""``)."""

    key: str
    kind: str
    parent: str = ""
    name: Text | None = None
    values: dict[str, str] = field(default_factory=dict)
    children: list[str] = field(default_factory=list)


@dataclass
class Content:
    """The entries of a file by key; ``picture`` maps what is drawn to how it is drawn."""

    entries: dict[str, ComparedItem] = field(default_factory=dict)
    picture: dict[str, str] = field(default_factory=dict)

    def add(self, key: str, kind: str, parent: str, name: Text | None = None) -> ComparedItem:
        """Add an entry; a key that is there already gets a number."""
        unique, number = key, 2
        while unique in self.entries:
            unique, number = f"{key}#{number}", number + 1
        entry = ComparedItem(unique, kind, parent, name)
        self.entries[unique] = entry
        if unique != parent and parent in self.entries:
            self.entries[parent].children.append(unique)
        return entry


@dataclass(frozen=True)
class ValueChange:
    """One value that differs: None where there is none."""

    owner: str
    at: str
    old: str | None
    new: str | None


def of_xml(data: bytes) -> Content:
    """Return the content of a diagram or of a file of tables. Raises XmlRefused."""
    root = xml.load(data, keep_instructions=True)
    content = Content()
    top = content.add("", "definitions", "")
    for place, instruction in enumerate(xml.instructions(root), 1):
        top.values[f"?{place}"] = str(instruction)
    _attributes(content, top, root, "")
    _children(content, top, root, "")
    return content


def of_json(data: bytes, *, form: bool) -> Content | None:
    """Return the content of a JSON file, of a form by its questions; None for what is no JSON
    object.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    content = Content()
    top = content.add("", "form" if form else "file", "")
    if form:
        found = _form(content, found)
    _flatten(top.values, "", found)
    return content


def changes(old: Content, new: Content) -> Iterator[ValueChange]:
    """Yield every value that differs, entry by entry in the order of the new file."""
    for key in [*new.entries, *(key for key in old.entries if key not in new.entries)]:
        before, after = old.entries.get(key), new.entries.get(key)
        one, other = _all_values(before), _all_values(after)
        for at in [*other, *(at for at in one if at not in other)]:
            if one.get(at) != other.get(at) and not _only_refilled(at, one, other):
                yield ValueChange(key, at, one.get(at), other.get(at))
        if before is not None and after is not None:
            kept = [child for child in before.children if child in after.children]
            now = [child for child in after.children if child in before.children]
            if kept != now:
                yield ValueChange(key, ORDER, " ".join(kept), " ".join(now))


def _only_refilled(at: str, one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Return whether an empty element gained or lost only what is reported by itself."""
    if {one.get(at), other.get(at)} != {"", None}:
        return False
    fuller = one if at not in one else other
    return any(each.startswith((f"{at}/", f"{at}@")) for each in fuller)


def redrawn(old: Content, new: Content) -> bool:
    """Return whether something that is in both is drawn elsewhere or otherwise."""
    gone = {key for key in {*old.picture, *new.picture} if _appeared(key, old, new)}
    before, after = (
        [(key, how) for key, how in one.picture.items() if key not in gone] for one in (old, new)
    )
    return before != after


def _appeared(key: str, old: Content, new: Content) -> bool:
    name = key.partition("#")[0]
    return (name in old.entries) != (name in new.entries)


def _all_values(entry: ComparedItem | None) -> dict[str, str]:
    if entry is None:
        return {}
    placed = {KIND: entry.kind, PARENT: entry.parent} if entry.key else {KIND: entry.kind}
    return {**placed, **entry.values}


# XML


def _children(content: Content, owner: ComparedItem, element: etree._Element, path: str) -> None:
    numbers: dict[str, int] = {}
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = _name(child.tag)
        if name.rpartition("}")[2] in _PICTURE:
            _picture(content, child)
        elif key := _key(child, name, owner):
            known = child.get("label") or child.get("name") or ""
            entry = content.add(key, name, owner.key, Text(known, known))
            _inside(content, entry, child, "")
        else:
            _inside(content, owner, child, _place(child, name, path, numbers))


def _key(child: etree._Element, name: str, owner: ComparedItem) -> str:
    """Return what an entry of its own is known by; empty for what is only a part."""
    if name in _TABLE and owner.kind == "decision":
        text = " | ".join(" ".join("".join(map(str, one.itertext())).split()) for one in child)
        return child.get("id") or f"{owner.key} {name} {child.get('name') or ''}{text}"
    return "" if name.endswith(_INNER) else child.get("id", "")


def _inside(content: Content, owner: ComparedItem, element: etree._Element, path: str) -> None:
    _attributes(content, owner, element, path)
    inner = [child for child in element if isinstance(child.tag, str)]
    if inner and _mixed(element):
        owner.values[path] = _canonical(element)
        return
    text = (element.text or "").strip()
    if text or (path and not inner and not element.attrib):
        owner.values[path] = text
    if path.endswith("gov:label") and text:
        known = owner.name or Text("", "")
        owner.name = Text(known.zh or text, text)
    _children(content, owner, element, path)


def _place(child: etree._Element, name: str, path: str, numbers: dict[str, int]) -> str:
    """Return where an inner element stands below its owner: by its text, its name or its number."""
    below = f"{path}/{name}" if path else name
    key = None
    if name.startswith("gov:") and name != "gov:action":
        key = child.get("name")
    elif name in _BY_TEXT:
        key = (child.text or "").strip()
    below = f"{below}[{key}]" if key else below
    numbers[below] = numbers.get(below, 0) + 1
    return below if numbers[below] == 1 else f"{below}[{numbers[below]}]"


def _attributes(content: Content, owner: ComparedItem, element: etree._Element, path: str) -> None:
    for name, value in sorted(element.attrib.items()):
        if str(name).startswith(f"{{{_BIODI}"):
            content.picture[f"{owner.key}#{path}@{str(name)}"] = str(value)
        else:
            owner.values[f"{path}@{_name(str(name))}"] = str(value)


def _name(tag: str) -> str:
    """Return a tag without its namespace, ours with our prefix, others with their address."""
    namespace, _, local = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
    if not namespace or "/DMN/" in namespace or namespace.endswith("/XMLSchema-instance"):
        return local
    return _OWN[namespace] + local if namespace in _OWN else tag


def _mixed(element: etree._Element) -> bool:
    tails = [child.tail for child in element]
    return any((text or "").strip() for text in [element.text, *tails])


def _canonical(element: etree._Element) -> str:
    text = etree.tostring(element, method="c14n", exclusive=True, with_tail=False)
    return text.decode()


def _picture(content: Content, element: etree._Element) -> None:
    """Each shape and edge by what it draws; the rest of the picture as one."""
    for number, shape in enumerate(element.iter()):
        if not isinstance(shape.tag, str):
            continue
        drawn = shape.get("bpmnElement") or shape.get("dmnElementRef") or ""
        if drawn and "Plane" not in shape.tag:
            inner = [_drawn_as(part) for part in shape.iter() if isinstance(part.tag, str)]
            content.picture[f"{drawn}#"] = content.picture.get(f"{drawn}#", "") + repr(inner)
        elif not _within_shape(shape):
            content.picture[f"#{number if drawn else shape.tag}"] = repr(_drawn_as(shape))


def _within_shape(element: etree._Element) -> bool:
    around = element.iterancestors()
    return any((one.get("bpmnElement") or one.get("dmnElementRef")) and "Plane" not in one.tag
               for one in around)  # fmt: skip


def _drawn_as(element: etree._Element) -> tuple[str, list[tuple[str, str]], str]:
    attributes = sorted((str(name), str(value)) for name, value in element.attrib.items())
    return element.tag, attributes, (element.text or "").strip()


# JSON


def _form(content: Content, form: Mapping[str, Any]) -> dict[str, Any]:
    """Take groups, questions and rules out of a form as entries; return the rest."""
    rest = {key: value for key, value in form.items() if key not in ("groups", "rules")}
    groups, rules = form.get("groups") or [], form.get("rules") or []
    if not _objects(groups) or not _objects(rules):
        return dict(form)
    for number, group in enumerate(groups, 1):
        title = _text_of(group.get("title")) or Text(str(number), str(number))
        entry = content.add(f"group {number}", "group", "", title)
        fields = group.get("fields")
        if _objects(fields):
            _fields(content, entry.key, fields)
            group = {key: value for key, value in group.items() if key != "fields"}
        _flatten(entry.values, "", group)
    for rule in rules:
        entry = content.add(f"rule {rule.get('test')}", "rule", "", _text_of(rule.get("message")))
        _flatten(entry.values, "", rule)
    return rest


def _fields(content: Content, parent: str, fields: list[dict[str, Any]]) -> None:
    for number, item in enumerate(fields):
        key = f"field {item.get('name') or f'{parent} {number}'}"
        entry = content.add(key, "field", parent, _text_of(item.get("label")))
        inner = item.get("fields") or []
        if _objects(inner):
            _fields(content, entry.key, inner)
            item = {name: value for name, value in item.items() if name != "fields"}
        _flatten(entry.values, "", item)


def _text_of(words: Any) -> Text | None:
    if not isinstance(words, dict):
        return None
    return Text(str(words.get("zh_CN", "")), str(words.get("en", "")))


def _objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _flatten(values: dict[str, str], path: str, value: Any) -> None:
    if isinstance(value, dict) and (value or not path):
        for key in sorted(value):
            _flatten(values, f"{path}.{key}" if path else str(key), value[key])
    elif isinstance(value, list) and value:
        keys = [item.get("value") if isinstance(item, dict) else None for item in value]
        named = all(isinstance(key, str) for key in keys) and len(set(keys)) == len(keys)
        for number, item in enumerate(value, 1):
            _flatten(values, f"{path}[{keys[number - 1] if named else number}]", item)
        if named:
            values[f"{path}#order"] = " ".join(map(str, keys))
    else:
        values[path] = _plain_value(value)


def _plain_value(value: Any) -> str:
    """Return a text as it stands, unless it would look like a number or a flag."""
    if isinstance(value, str) and not _LIKE_JSON.match(value):
        return value
    return json.dumps(value, ensure_ascii=False)


__all__ = [
    "KIND",
    "ORDER",
    "PARENT",
    "ValueChange",
    "Content",
    "ComparedItem",
    "XmlRefused",
    "changes",
    "of_json",
    "of_xml",
    "redrawn",
]
