"""One change at a time to a definition file: each attribute, text and element, one by one."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from lxml import etree

TOKEN = "zzq"
PICTURE = ("BPMNDiagram", "DMNDI")


@dataclass(frozen=True)
class Mutation:
    """A changed file: what was done to what kind of thing, and where the token was written."""

    what: str
    where: str
    data: Callable[[], bytes]
    picture: bool = False
    text: str = ""


def of_xml(data: bytes) -> Iterator[Mutation]:
    """Attributes and texts written over and taken out; elements taken out, copied and moved."""
    for number, element in enumerate(etree.fromstring(data).iter()):
        if not isinstance(element.tag, str):
            continue
        name, drawn = etree.QName(element).localname, _drawn(element)
        for what, written, act in _acts(element):
            make = partial(_mutated, data, number, act)
            yield Mutation(f"{name} {what}", element.get("id", ""), make, drawn, written)


def _mutated(data: bytes, number: int, act: Callable[[etree._Element], Any]) -> bytes:
    tree = etree.fromstring(data)
    act(list(tree.iter())[number])
    return etree.tostring(tree, encoding="utf-8")


def _drawn(element: etree._Element) -> bool:
    around = [element, *element.iterancestors()]
    return any(etree.QName(one).localname in PICTURE for one in around)


def _acts(element: etree._Element) -> Iterator[tuple[str, str, Any]]:
    for name in element.attrib:
        short = etree.QName(name).localname
        yield f"{short} written over", short, lambda e, n=name: e.set(n, e.get(n) + TOKEN)
        yield f"{short} gone", "", lambda e, n=name: e.attrib.pop(n)
    yield "attribute added", "attribute", lambda e: e.set("strange", TOKEN)
    inner = [child for child in element if isinstance(child.tag, str)]
    if (element.text or "").strip():
        yield "text written over", "text", lambda e: setattr(e, "text", f"{e.text.strip()}{TOKEN}")
        yield "text gone", "", lambda e: setattr(e, "text", "")
    elif not inner:
        yield "text added", "text", lambda e: setattr(e, "text", TOKEN)
    if element.getparent() is not None:
        yield "gone", "", lambda e: e.getparent().remove(e)
        yield "twice", "", _copied
        if _movable(element):
            yield "moved", "", _moved


def _copied(element: etree._Element) -> None:
    other = copy.deepcopy(element)
    for one in other.iter():
        if isinstance(one.tag, str) and one.get("id"):
            one.set("id", one.get("id") + "_2")
    element.addnext(other)


def _movable(element: etree._Element) -> bool:
    """Has it a brother of its kind after it, so that their order says something?"""
    other = element.getnext()
    same = other is not None and other.tag == element.tag
    return bool(same and element.get("id") and element.get("id") != other.get("id"))


def _moved(element: etree._Element) -> None:
    other = element.getnext()
    other.addnext(element)


def of_json(data: bytes) -> Iterator[Mutation]:
    """Every value written over, every key and item taken out, every item copied and moved."""
    form = json.loads(data)
    for path in _paths(form):
        for what, written, act in _json_acts(_at(form, path[:-1]), path[-1]):
            make = partial(_changed, data, path[:-1], act)
            kind = ".".join(part for part in path if isinstance(part, str))
            yield Mutation(f"{kind} {what}", str(path), make, text=written)


def _changed(data: bytes, path: tuple[Any, ...], act: Callable[[Any], Any]) -> bytes:
    form = json.loads(data)
    act(_at(form, path))
    return json.dumps(form, ensure_ascii=False).encode()


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    keys = value if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield (*path, key)
        if isinstance(value[key], dict | list):
            yield from _paths(value[key], (*path, key))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _json_acts(holder: Any, key: Any) -> Iterator[tuple[str, str, Any]]:
    value = holder[key]
    yield "gone", "", lambda h: h.pop(key)
    if isinstance(value, bool):
        yield "turned", "", lambda h: h.__setitem__(key, not h[key])
    elif isinstance(value, int | float):
        yield "one more", "", lambda h: h.__setitem__(key, h[key] + 1)
    elif isinstance(value, str):
        yield "written over", str(key), lambda h: h.__setitem__(key, h[key] + TOKEN)
    if isinstance(holder, list):
        yield "twice", "", lambda h: h.insert(key, copy.deepcopy(h[key]))
        if key + 1 < len(holder) and holder[key] != holder[key + 1]:
            yield "moved", "", lambda h: h.insert(key + 1, h.pop(key))
