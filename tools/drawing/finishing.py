"""Finishes the drawing of a changed diagram: makes room, drops what is gone, draws what lacks."""

from __future__ import annotations

from tools.drawing.labels import placed, unlabelled
from tools.drawing.routing import Router
from tools.drawing.sheet import CONTAINERS, Rectangle, Sheet


def stretch(sheet: Sheet, after: float, by: float, *, down: bool = False) -> None:
    """Move everything beyond a line by so many pixels; pools and lanes grow."""

    def moved(box: Rectangle) -> Rectangle:
        place, size = (box.y, box.height) if down else (box.x, box.width)
        place, size = (
            (place + by, size) if place >= after else (place, size + by * (place + size > after))
        )
        return (
            Rectangle(box.x, place, box.width, size)
            if down
            else Rectangle(place, box.y, size, box.height)
        )

    def shifted(spot: tuple[float, float]) -> tuple[float, float]:
        x, y = spot
        return (x, y + by * (y >= after)) if down else (x + by * (x >= after), y)

    for key, box in sheet.shapes.items():
        lone = sheet.kinds.get(key) not in CONTAINERS
        inside = lone and not (box.y if down else box.x) >= after
        sheet.shapes[key] = box if inside else moved(box)
    for key, way in sheet.ways.items():
        sheet.ways[key] = tuple(shifted(spot) for spot in way)
    for key, box in sheet.labels.items():
        spot = shifted((box.x, box.y))
        sheet.labels[key] = Rectangle(*spot, box.width, box.height)


def finish(sheet: Sheet) -> list[str]:
    """Draw every line and label that lacks, drop those of elements that are gone.

    Return what was drawn. Raise LookupError for a flow without a way or a label without a place.
    """
    _drop(sheet)
    made = sorted((f for f in sheet.ends if f not in sheet.ways), key=lambda f: _far(sheet, f))
    router = Router(sheet)
    for flow in made:
        sheet.ways[flow] = router.route(flow)
    for key in unlabelled(sheet):
        if key not in sheet.labels:
            sheet.labels[key] = placed(sheet, key)
            made.append(f"{key} (label)")
    return made


def _drop(sheet: Sheet) -> None:
    for drawn in (sheet.shapes, sheet.ways, sheet.labels):
        for key in [one for one in drawn if one not in sheet.kinds]:
            del drawn[key]
    for key in [one for one in sheet.labels if not sheet.names[one]]:
        del sheet.labels[key]
    for key in [one for one in sheet.ways if not _meets_its_ends(sheet, one)]:
        del sheet.ways[key]
        sheet.labels.pop(key, None)


def _meets_its_ends(sheet: Sheet, flow: str) -> bool:
    if flow not in sheet.ends:
        return False
    way, ends = sheet.ways[flow], sheet.ends[flow]
    return all(
        end in sheet.shapes and _touches(sheet.shapes[end].with_margin(1), spot)
        for end, spot in zip(ends, (way[0], way[-1]), strict=True)
    )


def _touches(box: Rectangle, spot: tuple[float, float]) -> bool:
    return box.x <= spot[0] <= box.right and box.y <= spot[1] <= box.bottom


def _far(sheet: Sheet, flow: str) -> float:
    (x1, y1), (x2, y2) = (sheet.shapes[end].middle for end in sheet.ends[flow])
    return abs(x2 - x1) + abs(y2 - y1)
