"""Places labels beside shapes and lines where nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tools.drawing.sheet import CONTAINERS, Rectangle, Sheet, Spot

LINE: Final = 14.0
LETTER: Final = 12.0
LABELLED: Final = ("Gateway", "Event")


def unlabelled(sheet: Sheet) -> Iterator[str]:
    """Yield what needs a label beside it: named gateways, events and flows."""
    for key, name in sheet.names.items():
        if not name or sheet.kinds.get(key) in CONTAINERS:
            continue
        if key in sheet.ways or (key in sheet.shapes and sheet.kinds[key].endswith(LABELLED)):
            yield key


def width(name: str) -> float:
    """Return the width of a label: a Chinese letter is as wide as it is high."""
    return sum(LETTER if ord(letter) > 255 else 6.5 for letter in name) + 6


def placed(sheet: Sheet, key: str) -> Rectangle:
    """Return a free place for a label. Raise LookupError where none is near."""
    size = width(sheet.names[key])
    places = _beside_line(sheet, key, size) if key in sheet.ways else _beside(sheet, key, size)
    for box in places:
        if _free(sheet, key, box):
            return box
    raise LookupError(key)


def _beside(sheet: Sheet, key: str, size: float) -> Iterator[Rectangle]:
    shape = sheet.shapes[key]
    x, y = shape.middle
    left, right, half = shape.x - size - 2, shape.right + 4, size / 2
    yield Rectangle(x - half, shape.bottom + 7, size, LINE)
    yield Rectangle(x - half, shape.y - 19, size, LINE)
    for by in (-7.0, 8.0, -22.0, 20.0, -34.0):
        yield Rectangle(right, y + by, size, LINE)
        yield Rectangle(left, y + by, size, LINE)
    for by in (7.0, 20.0, 34.0):
        yield Rectangle(x + 6, shape.bottom + by, size, LINE)
        yield Rectangle(x - size - 4, shape.bottom + by, size, LINE)
    for by in (19.0, 34.0):
        yield Rectangle(x + 6, shape.y - by, size, LINE)
        yield Rectangle(x - size - 4, shape.y - by, size, LINE)


def _beside_line(sheet: Sheet, key: str, size: float) -> Iterator[Rectangle]:
    for number, (start, end) in enumerate(sheet.pieces(key)):
        yield from _beside_piece(start, end, size, 6.0 if number == 0 else 14.0)


def _beside_piece(start: Spot, end: Spot, size: float, after: float) -> Iterator[Rectangle]:
    (x1, y1), (x2, y2) = start, end
    span = abs(x2 - x1) + abs(y2 - y1)
    offsets = [after + 6.0 * step for step in range(max(1, int(span // 6)))]
    for by in offsets:
        if y1 == y2:
            x = x1 + by if x2 > x1 else x1 - by - size
            yield Rectangle(x, y1 - 18, size, LINE)
            yield Rectangle(x, y1 + 4, size, LINE)
        else:
            y = y1 + by - 2 if y2 > y1 else y1 - by - LINE + 2
            yield Rectangle(x1 + 6, y, size, LINE)
            yield Rectangle(x1 - size - 4, y, size, LINE)


def _free(sheet: Sheet, key: str, box: Rectangle) -> bool:
    if any(box.over(b) for k, b in sheet.nodes().items() if k != key):
        return False
    if any(box.over(other) for k, other in sheet.labels.items() if k != key):
        return False
    if key in sheet.nodes() and box.over(sheet.shapes[key]):
        return False
    for flow in sheet.ways:
        for (x1, y1), (x2, y2) in sheet.pieces(flow):
            line = Rectangle(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1))
            across = line.x < box.right + 1 and line.right > box.x - 1
            if across and line.y < box.bottom + 1 and line.bottom > box.y - 1:
                return False
    return all(_in_one_lane(b, box) for k, b in sheet.shapes.items() if sheet.kinds[k] == "lane")


def _in_one_lane(lane: Rectangle, box: Rectangle) -> bool:
    """Return whether no border of a lane runs through the label."""
    return not (box.y < lane.y < box.bottom or box.y < lane.bottom < box.bottom)
