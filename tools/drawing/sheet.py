"""The drawn part of a BPMN file: rectangles, lines and labels by the element they belong to."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from lxml import etree

BPMN: Final = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI: Final = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC: Final = "{http://www.omg.org/spec/DD/20100524/DC}"
POINT: Final = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
CONTAINERS: Final = frozenset({"participant", "lane", "subProcess"})

Spot = tuple[float, float]
Way = tuple[Spot, ...]


@dataclass(frozen=True)
class Rectangle:
    """A rectangle in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Return the lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> Spot:
        """Return the centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    def with_margin(self, by: float) -> Rectangle:
        """Return the rectangle with a margin around it."""
        return Rectangle(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def over(self, other: Rectangle) -> bool:
        """Return whether the two share more than an edge."""
        across = self.x < other.right - 1 and other.x < self.right - 1
        return across and self.y < other.bottom - 1 and other.y < self.bottom - 1


@dataclass
class Sheet:
    """A diagram as it is drawn; ``kinds`` are the BPMN element names without namespace."""

    root: Any
    kinds: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    ends: dict[str, tuple[str, str]] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, Rectangle] = field(default_factory=dict)
    ways: dict[str, Way] = field(default_factory=dict)
    labels: dict[str, Rectangle] = field(default_factory=dict)

    def pieces(self, flow: str) -> list[tuple[Spot, Spot]]:
        """Return the straight pieces of a line."""
        return list(pairwise(self.ways[flow]))

    def nodes(self) -> dict[str, Rectangle]:
        """Return the rectangles of what stands in lanes."""
        return {k: box for k, box in self.shapes.items() if self.kinds[k] not in CONTAINERS}


def parse(path: Path) -> Sheet:
    """Return the drawing of a file."""
    return of(etree.parse(path, etree.XMLParser(remove_blank_text=False)).getroot())


def of(root: Any) -> Sheet:
    """Return the drawing in a tree."""
    sheet = Sheet(root)
    for one in root.iter(f"{BPMN}*"):
        if (key := one.get("id")) is None:
            continue
        sheet.kinds[key] = etree.QName(one).localname
        sheet.names[key] = one.get("name") or ""
        if one.get("sourceRef"):
            sheet.ends[key] = (one.get("sourceRef"), one.get("targetRef"))
        if one.get("attachedToRef"):
            sheet.hosts[key] = one.get("attachedToRef")
    for shape in root.iter(f"{DI}BPMNShape"):
        sheet.shapes[shape.get("bpmnElement")] = _box(shape.find(f"{DC}Bounds"))
        _keep_label(sheet, shape)
    for edge in root.iter(f"{DI}BPMNEdge"):
        points = tuple((float(p.get("x")), float(p.get("y"))) for p in edge.iter(POINT))
        sheet.ways[edge.get("bpmnElement")] = points
        _keep_label(sheet, edge)
    return sheet


def _keep_label(sheet: Sheet, drawn: Any) -> None:
    bounds = drawn.find(f"{DI}BPMNLabel/{DC}Bounds")
    if bounds is not None:
        sheet.labels[drawn.get("bpmnElement")] = _box(bounds)


def _box(bounds: Any) -> Rectangle:
    x, y, width, height = (float(bounds.get(k)) for k in ("x", "y", "width", "height"))
    return Rectangle(x, y, width, height)


def write(sheet: Sheet, path: Path) -> None:
    """Write the drawing into the file, all of it again, in the order of the elements."""
    plane = next(sheet.root.iter(f"{DI}BPMNPlane"))
    for drawn in list(plane):
        plane.remove(drawn)
    for key, box in sheet.shapes.items():
        plane.append(_shape(sheet, key, box))
    for key, way in sheet.ways.items():
        plane.append(_edge(sheet, key, way))
    _indent(plane, 2)
    text = etree.tostring(sheet.root, encoding="unicode")
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n', encoding="utf-8")


def _shape(sheet: Sheet, key: str, box: Rectangle) -> Any:
    made = etree.Element(f"{DI}BPMNShape", {"id": f"{key}_di", "bpmnElement": key})
    if sheet.kinds[key] in CONTAINERS:
        made.set("isExpanded" if sheet.kinds[key] == "subProcess" else "isHorizontal", "true")
    made.append(_bounds(box))
    return _with_label(sheet, key, made)


def _edge(sheet: Sheet, key: str, way: Way) -> Any:
    made = etree.Element(f"{DI}BPMNEdge", {"id": f"{key}_di", "bpmnElement": key})
    for x, y in way:
        etree.SubElement(made, POINT, {"x": _number(x), "y": _number(y)})
    return _with_label(sheet, key, made)


def _with_label(sheet: Sheet, key: str, made: Any) -> Any:
    if key in sheet.labels:
        etree.SubElement(made, f"{DI}BPMNLabel").append(_bounds(sheet.labels[key]))
    return made


def _bounds(box: Rectangle) -> Any:
    places = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    return etree.Element(f"{DC}Bounds", {k: _number(v) for k, v in places.items()})


def _number(value: float) -> str:
    return f"{value:g}" if value % 1 else str(int(value))


def _indent(plane: Any, level: int) -> None:
    etree.indent(plane, space="  ", level=level)
    plane.tail = "\n  "
