"""What an editor may not lose: every element, attribute, text and comment of a file.

Only where things stand in the picture may change: somebody moved an element.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lxml import etree

# A table of an older DMN is written as DMN 1.3: the same names in another namespace.
VERSIONED = "spec/DMN/"
Fact = tuple[str, str, str]


def lost(before: bytes, after: bytes) -> list[Fact]:
    """Facts of the first file that the second does not have; empty when all was kept."""
    return sorted((Counter(facts(before)) - Counter(facts(after))).elements())


def facts(data: bytes) -> Iterator[Fact]:
    """Owner, name and value of everything that the file says besides geometry."""
    root = etree.fromstring(data)
    for element in root.iter():
        if isinstance(element, etree._Comment):
            yield "", "comment", (element.text or "").strip()
        elif isinstance(element.tag, str):
            yield from _facts(element)


def _facts(element: etree._Element) -> Iterator[Fact]:
    owner, name = _owner(element), _name(element)
    if _is_geometry(element):
        return
    yield owner, "element", name
    if not len(element) and (element.text or "").strip():
        yield owner, name, " ".join((element.text or "").split())
    for key, value in element.attrib.items():
        yield owner, f"{name}@{_local(str(key))}", _value(str(key), str(value))


def _owner(element: etree._Element) -> str:
    """The nearest element with an id: what holds a fact, wherever it was moved to."""
    found = element
    while found is not None:
        if found.get("id"):
            return str(found.get("id"))
        found = found.getparent()
    return ""


def _name(element: etree._Element) -> str:
    name = etree.QName(element)
    space = name.namespace or ""
    return str(name.localname) if VERSIONED in space else str(element.tag)


def _is_geometry(element: etree._Element) -> bool:
    """Bounds and waypoints are where things stand; the shapes that have them must stay."""
    return etree.QName(element).localname in ("Bounds", "waypoint")


def _local(key: str) -> str:
    return key.rpartition("}")[2]


def _value(key: str, value: str) -> str:
    """The value itself; 11 is 11.0, and of a type only the name counts: its prefix may change."""
    if key.endswith("}type"):
        return value.rpartition(":")[2]
    try:
        return f"{float(value):g}" if len(value) < 12 else value
    except ValueError:
        return " ".join(value.split())


def places(data: bytes) -> dict[str, tuple[str, ...]]:
    """Where each shape stands, by the id of what it shows."""
    found = {}
    for element in etree.fromstring(data).iter():
        if not isinstance(element.tag, str) or etree.QName(element).localname != "Bounds":
            continue
        shape = element.getparent()
        owner = None if shape is None else shape.get("bpmnElement") or shape.get("dmnElementRef")
        if owner:
            found[owner] = tuple(f"{float(element.get(key, '0')):g}" for key in ("x", "y"))
    return found
