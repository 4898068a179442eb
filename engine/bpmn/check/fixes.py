"""What one press can fix: a few small changes that an editor, or the server, carries out.

An editor applies them to its own model, so that they can be undone; ``apply`` does the same to
the bytes of a file and leaves everything else in it as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from engine.bpmn.parsing import xml
from feel.text import Text

# Attributes by which a file names its elements.
REFERENCES: Final = (
    "attachedToRef", "bpmnElement", "calledElement", "default", "processRef", "sourceRef",
    "targetRef",
)  # fmt: skip
_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"


@dataclass(frozen=True)
class ElementChange:
    """One change of one element of one file.

    ``set``: attributes ``values`` of the element itself, or of its ``gov:``/child element
    ``name``; None takes one away. ``text``: the text of its child element ``name`` (a flow's
    conditionExpression, a task's script); None takes the child away. ``remove``: the element
    goes, with its shape and its flows. ``delete``: the whole file goes. ``replace``: the whole
    file becomes ``text``.
    """

    op: str
    file: str
    element: str = ""
    name: str = ""
    values: tuple[tuple[str, str | None], ...] = ()
    text: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as programs read it."""
        found: dict[str, Any] = {"op": self.op, "file": self.file, "element": self.element}
        if self.op == "set":
            found |= {"name": self.name, "values": dict(self.values)}
        elif self.op == "text":
            found |= {"name": self.name, "text": self.text}
        elif self.op == "replace":
            found |= {"text": self.text}
        return found


@dataclass(frozen=True)
class Fix:
    """Changes that fix a finding together, and what the button says."""

    label: Text
    changes: tuple[ElementChange, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as programs read it."""
        return {"label": self.label.json(), "changes": [each.as_json() for each in self.changes]}


def gov(file: str, element: str, name: str, **values: str | int | None) -> ElementChange:
    """Set attributes of an element's ``gov:name``, which is made where there is none."""
    pairs = tuple((key, None if value is None else str(value)) for key, value in values.items())
    return ElementChange("set", file, element, f"gov:{name}", pairs)


def attribute(file: str, element: str, **values: str | None) -> ElementChange:
    """Set attributes of the element itself."""
    return ElementChange("set", file, element, "", tuple(values.items()))


def condition(file: str, flow: str, text: str | None) -> ElementChange:
    """Write a flow's condition, or take it away."""
    return ElementChange("text", file, flow, "conditionExpression", text=text)


def whole(file: str, text: str) -> ElementChange:
    """Give a file another content."""
    return ElementChange("replace", file, text=text)


def apply(files: Mapping[str, bytes], changes: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
    """Carry out changes, as ``as_json`` gives them; a changed copy of the files comes back."""
    changed = dict(files)
    for change in changes:
        file = str(change["file"])
        if file not in changed:
            continue
        if change["op"] == "delete":
            del changed[file]
        elif change["op"] == "replace":
            changed[file] = str(change["text"]).encode()
        else:
            changed[file] = _applied(changed[file], change)
    return changed


def _applied(data: bytes, change: Mapping[str, Any]) -> bytes:
    root = xml.load(data)
    key = change["element"]
    element = next((one for one in root.iter() if one.get("id") == key), None)
    if element is None:
        return data
    if change["op"] == "set":
        _set(element, change["name"], change["values"])
    elif change["op"] == "text":
        _write(element, change["name"], change["text"])
    elif change["op"] == "remove":
        _remove(root, key)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _set(element: etree._Element, name: str, values: Mapping[str, str | None]) -> None:
    target = element if not name else _child(element, name)
    if not name and values.get("id"):
        _refer(element, str(values["id"]))
    for key, value in values.items():
        if value is not None:
            target.set(key, value)
        elif key in target.attrib:
            del target.attrib[key]


def _refer(element: etree._Element, key: str) -> None:
    """Replace every reference to the element in the file by its new id."""
    old = element.get("id", "")
    for other in element.getroottree().iter(etree.Element):
        for attribute in REFERENCES:
            prefix, colon, bare = other.get(attribute, "").rpartition(":")
            if old and bare == old:
                other.set(attribute, f"{prefix}{colon}{key}")


def _child(element: etree._Element, name: str) -> etree._Element:
    """Return the element's child of that name, made where there is none."""
    own = etree.QName(element).namespace or ""
    if not name.startswith("gov:"):
        tag = f"{{{own}}}{name}"
        found = element.find(tag)
        return found if found is not None else etree.SubElement(element, tag)
    holder = element.find(xml.bpmn("extensionElements"))
    if holder is None:
        holder = etree.Element(xml.bpmn("extensionElements"))
        after_words = sum(xml.local(one) == "documentation" for one in element)
        element.insert(after_words, holder)
    tag = xml.gov(name.removeprefix("gov:"))
    found = holder.find(tag)
    return found if found is not None else etree.SubElement(holder, tag)


def _write(element: etree._Element, name: str, text: str | None) -> None:
    if text is None:
        for child in element.findall(xml.bpmn(name)):
            element.remove(child)
        return
    child = _child(element, name)
    child.text = text
    if name == "conditionExpression" and child.get(_XSI) is None:
        prefix = next((p for p, uri in child.nsmap.items() if uri == xml.BPMN), None)
        child.set(_XSI, f"{prefix}:tFormalExpression" if prefix else "tFormalExpression")


def _remove(root: etree._Element, key: str) -> None:
    """Take an element away, with the flows that touch it and everything drawn for them."""
    gone = {key}
    gone |= {
        str(flow.get("id"))
        for flow in root.iter(xml.bpmn("sequenceFlow"))
        if key in (flow.get("sourceRef"), flow.get("targetRef"))
    }
    for element in list(root.iter()):
        parent = element.getparent()
        refers = xml.local(element) in ("incoming", "outgoing", "flowNodeRef")
        named = (element.text or "").strip() if refers else element.get("bpmnElement")
        if parent is not None and (element.get("id") in gone or named in gone):
            parent.remove(element)
    for element in root.iter():
        if element.get("default") in gone:
            del element.attrib["default"]
