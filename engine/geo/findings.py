"""What may be wrong with areas from outside, in words, before anybody relies on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from engine.geo.coordinates import METRES_PER_DEGREE
from feel.text import Text

# Slivers thinner than this, in metres, are the accuracy of drawing and nobody's business.
SLIVER = 5.0
SAME = 0.99
MOST = 200


@dataclass(frozen=True)
class BoundaryFinding:
    """One finding. An error keeps the file out; a warning has to be accepted by a person."""

    severity: str
    rule: str
    units: tuple[str, ...]
    text: Text

    def as_json(self) -> dict[str, Any]:
        """Return it for a program."""
        words = {"zh": self.text.zh, "en": self.text.en}
        return {"severity": self.severity, "rule": self.rule, "units": self.units, "message": words}


def between(names: Sequence[str], areas: Any, parent: Any | None) -> Iterator[BoundaryFinding]:
    """Yield overlaps of sibling areas, and where they leave gaps in, or go beyond, their parent."""
    clean = shapely.make_valid(np.asarray(areas, dtype=object))
    yield from _overlaps(names, clean)
    if parent is not None:
        whole = shapely.union_all(clean)
        yield from _gaps(names, clean, shapely.difference(parent, whole))
        yield from _beyond(names, clean, shapely.difference(whole, parent))


def _overlaps(names: Sequence[str], areas: Any) -> Iterator[BoundaryFinding]:
    left, right = shapely.STRtree(areas).query(areas, predicate="intersects")
    one_way = left < right
    left, right = left[one_way], right[one_way]
    both = shapely.intersection(areas[left], areas[right])
    for a, b, part in zip(left, right, both, strict=True):
        if not _is_thick(part):
            continue
        pair, size = (names[a], names[b]), hectares(part)
        if part.area > SAME * min(areas[a].area, areas[b].area):
            text = Text(
                f"{pair[0]}与{pair[1]}的边界一个包含另一个，或者相同（{size} 公顷）。",
                f"The boundaries of {pair[0]} and {pair[1]} contain each other ({size} ha).",
            )
            yield BoundaryFinding("warning", "one-inside-the-other", pair, text)
            continue
        text = Text(
            f"{pair[0]}与{pair[1]}的边界重叠 {size} 公顷，重叠处归代码在前的单位。",
            f"{pair[0]} and {pair[1]} overlap by {size} ha; the unit of the lower code has it.",
        )
        yield BoundaryFinding("warning", "overlap", pair, text)


def _gaps(names: Sequence[str], areas: Any, left_open: Any) -> Iterator[BoundaryFinding]:
    for part in filter(_is_thick, shapely.get_parts(left_open)):
        beside, size = _beside(names, areas, part), hectares(part)
        text = Text(
            f"{'、'.join(beside) or '边界'}旁有 {size} 公顷不属于任何单位。",
            f"{size} ha beside {', '.join(beside) or 'the boundary'} belong to no unit.",
        )
        yield BoundaryFinding("warning", "gap", beside, text)


def _beyond(names: Sequence[str], areas: Any, outside: Any) -> Iterator[BoundaryFinding]:
    for part in filter(_is_thick, shapely.get_parts(outside)):
        beside, size = _beside(names, areas, part), hectares(part)
        text = Text(
            f"{'、'.join(beside)}有 {size} 公顷超出上级单位的边界。",
            f"{size} ha of {', '.join(beside)} lie outside of the unit above.",
        )
        yield BoundaryFinding("warning", "outside-parent", beside, text)


def _beside(names: Sequence[str], areas: Any, part: Any) -> tuple[str, ...]:
    touching = np.flatnonzero(shapely.dwithin(areas, part, 1e-6))
    return tuple(names[row] for row in touching[:4])


def _is_thick(part: Any) -> bool:
    if not part.area:
        return False
    return not shapely.buffer(part, -SLIVER / 2 / METRES_PER_DEGREE).is_empty


def hectares(area: Any) -> float:
    """Return the size of an area in hectares, to a tenth."""
    middle = float(np.cos(np.radians(area.centroid.y)))
    return round(area.area * METRES_PER_DEGREE**2 * middle / 10_000, 1)
