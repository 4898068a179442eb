"""Strokes of a signature: checked, and drawn as lines. Of the client come points alone."""

from __future__ import annotations

import math
from typing import Any

from engine.errors import InvalidInput
from feel.text import Text

Strokes = list[list[list[int]]]
MOST_STROKES, MOST_POINTS, WIDEST = 200, 20_000, 8000
# In pixels of the pad: less is a slip of the finger.
SHORTEST = 80
# In points: room around the ink, thickness, and a pixel of the pad at most.
MARGIN, LINE, LARGEST = 2, 1.1, 0.75
EMPTY = Text("还没有签名，或者太短，请重签。", "Nothing is signed yet, or too little; sign again.")
BROKEN = Text("签名数据有误，请重签。", "The signature did not arrive whole; sign again.")


def check(strokes: Any) -> Strokes:
    """Return strokes: lists of points, each x and y in pixels. Raises InvalidInput."""
    if not isinstance(strokes, list) or len(strokes) > MOST_STROKES:
        raise InvalidInput({"strokes": BROKEN})
    if not all(isinstance(one, list) for one in strokes):
        raise InvalidInput({"strokes": BROKEN})
    points = [point for stroke in strokes for point in stroke]
    if len(points) > MOST_POINTS or not all(_is_point(point) for point in points):
        raise InvalidInput({"strokes": BROKEN})
    kept = [stroke for stroke in strokes if stroke]
    if length(kept) < SHORTEST:
        raise InvalidInput({"strokes": EMPTY})
    return kept


def length(strokes: Strokes) -> float:
    """Return how far the pen went, in pixels."""
    return sum(
        math.dist(one, other)
        for stroke in strokes
        for one, other in zip(stroke, stroke[1:], strict=False)
    )


def drawing(strokes: Strokes, width: float, height: float) -> bytes:
    """Return strokes as operators of a PDF page, in black, as large as fits into the points."""
    xs, ys = zip(*(point for stroke in strokes for point in stroke), strict=True)
    wide, tall = max(xs) - min(xs), max(ys) - min(ys)
    scale = min((width - 2 * MARGIN) / max(wide, 1), (height - 2 * MARGIN) / max(tall, 1), LARGEST)
    left, bottom = (width - wide * scale) / 2, (height - tall * scale) / 2

    def at(point: list[int]) -> str:
        # The pad counts down from its top, the page up from its bottom.
        x, y = left + (point[0] - min(xs)) * scale, bottom + (max(ys) - point[1]) * scale
        return f"{x:.2f} {y:.2f}"

    lines = []
    for first, *rest in strokes:
        # A dot is a line to where it began, with round ends.
        lines.append(f"{at(first)} m " + " ".join(f"{at(one)} l" for one in rest or [first]) + " S")
    return "\n".join(("q 0 G 1 J 1 j", f"{LINE} w", *lines, "Q")).encode()


def _is_point(point: Any) -> bool:
    return (
        isinstance(point, list)
        and len(point) == 2
        and all(type(one) is int and -50 <= one <= WIDEST for one in point)
    )
