"""Routes lines around what is drawn: level and upright pieces, few bends, no crossings.

A search for the cheapest way (A*) over the lines that shapes and lines already give: their
middles, their edges and a margin beside them.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final

from tools.drawing.sheet import Rectangle, Sheet, Spot, Way

MARGIN: Final = 14.0
BEND: Final = 40.0
CROSSING: Final = 900.0
MEETING: Final = 30.0
ALONG: Final = 1200.0

Piece = tuple[Spot, Spot]
Step = tuple[int, int]
STEPS: Final[tuple[Step, ...]] = ((1, 0), (-1, 0), (0, 1), (0, -1))


@dataclass(frozen=True)
class Port:
    """Where a line leaves or enters a shape, and which way is out."""

    spot: Spot
    out: Step


def ports(sheet: Sheet, key: str) -> list[Port]:
    """Return the places where lines may meet a shape; of a border event those off its host."""
    box = sheet.shapes[key]
    x, y = box.middle
    found = [
        Port((x, box.y), (0, -1)),
        Port((x, box.bottom), (0, 1)),
        Port((box.x, y), (-1, 0)),
        Port((box.right, y), (1, 0)),
    ]
    if sheet.kinds[key].endswith(("Task", "task", "Activity", "subProcess")):
        for by in (-30.0, 30.0):
            found += [Port((x + by, box.y), (0, -1)), Port((x + by, box.bottom), (0, 1))]
        for by in (-20.0, 20.0):
            found += [Port((box.x, y + by), (-1, 0)), Port((box.right, y + by), (1, 0))]
    if key in sheet.hosts:
        host = sheet.shapes[sheet.hosts[key]].with_margin(1)
        found = [one for one in found if not _inside(host, one.spot)]
    return found


def _inside(box: Rectangle, spot: Spot) -> bool:
    return box.x < spot[0] < box.right and box.y < spot[1] < box.bottom


class Router:
    """Finds ways on one sheet; what is routed before stands in the way of what comes after."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    def route(self, flow: str) -> Way:
        """Return the cheapest way of a flow. Raise LookupError where there is none."""
        source, target = self.sheet.ends[flow]
        self._prepare(flow, source, target)
        starts, goals = ports(self.sheet, source), ports(self.sheet, target)
        found = self._search(flow, starts, goals)
        if found is None:
            raise LookupError(flow)
        return _straightened(found)

    def _prepare(self, flow: str, source: str, target: str) -> None:
        sheet, own = self.sheet, {source, target}
        self.walls = [b.with_margin(6) for k, b in sheet.nodes().items() if k not in own]
        self.walls += [b for k, b in sheet.labels.items() if k != flow]
        self.own = [sheet.shapes[k] for k in own]
        xs, ys = set[float](), set[float]()
        for key, box in sheet.nodes().items():
            for spot in [one.spot for one in ports(sheet, key)] if key in own else [box.middle]:
                xs.add(spot[0])
                ys.add(spot[1])
            for by in (MARGIN, 2 * MARGIN):
                xs |= {box.x - by, box.right + by}
                ys |= {box.y - by, box.bottom + by}
        for box in sheet.labels.values():
            xs |= {box.x - 6, box.right + 6}
            ys |= {box.y - 6, box.bottom + 6}
        self.lines: list[tuple[str, Piece]] = []
        for key, _way in sheet.ways.items():
            if key != flow:
                for piece in sheet.pieces(key):
                    self.lines.append((key, piece))
                    xs |= {piece[0][0], piece[0][0] - 12, piece[0][0] + 12}
                    ys |= {piece[0][1], piece[0][1] - 12, piece[0][1] + 12}
        lanes = [b for k, b in sheet.shapes.items() if sheet.kinds[k] == "lane"]
        left, top = min(b.x for b in lanes), min(b.y for b in lanes)
        right, low = max(b.right for b in lanes), max(b.bottom for b in lanes)
        self.xs = sorted(x for x in xs if left + 8 < x < right - 8)
        self.ys = sorted(y for y in ys if top + 8 < y < low - 8)
        self.costs: dict[tuple[Spot, Spot], float | None] = {}

    def _search(self, flow: str, starts: list[Port], goals: list[Port]) -> list[Spot] | None:
        ends = {goal.spot: goal for goal in goals}
        order = count()
        heap: list[tuple[float, int, float, Spot, Step]] = []
        came: dict[tuple[Spot, Step], tuple[Spot, Step] | None] = {}
        best: dict[tuple[Spot, Step], float] = {}
        for port in starts:
            if port.spot[0] in self.xs and port.spot[1] in self.ys:
                heapq.heappush(heap, (0.0, next(order), 0.0, port.spot, port.out))
                best[(port.spot, port.out)] = 0.0
                came[(port.spot, port.out)] = None
        while heap:
            _, _, cost, spot, way = heapq.heappop(heap)
            if cost > best[(spot, way)]:
                continue
            goal = ends.get(spot)
            if goal is not None and way == (-goal.out[0], -goal.out[1]):
                return _traced(came, (spot, way))
            first = came[(spot, way)] is None
            for after, step, price in self._next(flow, spot, way, first):
                total = cost + price
                if total < best.get((after, step), float("inf")):
                    best[(after, step)] = total
                    came[(after, step)] = (spot, way)
                    guess = min(abs(after[0] - e[0]) + abs(after[1] - e[1]) for e in ends)
                    heapq.heappush(heap, (total + guess, next(order), total, after, step))
        return None

    def _next(
        self, flow: str, spot: Spot, way: Step, first: bool
    ) -> Iterator[tuple[Spot, Step, float]]:
        column, row = bisect_left(self.xs, spot[0]), bisect_left(self.ys, spot[1])
        for step in STEPS:
            if step == (-way[0], -way[1]) or (first and step != way):
                continue
            x, y = column + step[0], row + step[1]
            if not (0 <= x < len(self.xs) and 0 <= y < len(self.ys)):
                continue
            after = (self.xs[x], self.ys[y])
            price = self._price(flow, spot, after)
            if price is not None:
                yield after, step, price + (BEND if step != way else 0.0)

    def _price(self, flow: str, one: Spot, other: Spot) -> float | None:
        key = (min(one, other), max(one, other))
        if key not in self.costs:
            self.costs[key] = self._cost(flow, *key)
        return self.costs[key]

    def _cost(self, flow: str, one: Spot, other: Spot) -> float | None:
        """Return the price of a short piece, None where something stands in the way."""
        piece = Rectangle(one[0], one[1], other[0] - one[0], other[1] - one[1])
        if any(_meets(piece, wall, 0.5) for wall in (*self.walls, *self.own)):
            return None
        price = piece.width + piece.height
        for name, line in self.lines:
            price += self._clash(flow, name, piece, line)
        return price

    def _clash(self, flow: str, name: str, piece: Rectangle, line: Piece) -> float:
        (x1, y1), (x2, y2) = line
        other = Rectangle(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1))
        mine, theirs = self.sheet.ends[flow], self.sheet.ends[name]
        kin = mine[0] == theirs[0] or mine[1] == theirs[1]
        if (piece.height == 0) == (other.height == 0):
            near = _near(piece, other)
            return 0.0 if near is None else (0.0 if kin and near == 0 else ALONG)
        if not _touch(piece, other):
            return 0.0
        # Lines to the same shape may flow together.
        return MEETING if mine[1] == theirs[1] or mine[0] == theirs[0] else CROSSING


def _meets(piece: Rectangle, wall: Rectangle, by: float) -> bool:
    across = piece.x < wall.right - by and piece.right > wall.x + by
    return across and piece.y < wall.bottom - by and piece.bottom > wall.y + by


def _near(piece: Rectangle, other: Rectangle) -> float | None:
    """Return how far apart two parallel pieces run, None where they do not run side by side."""
    if piece.height == 0:
        apart, overlap = (
            abs(piece.y - other.y),
            min(piece.right, other.right) - max(piece.x, other.x),
        )
    else:
        apart, overlap = (
            abs(piece.x - other.x),
            min(piece.bottom, other.bottom) - max(piece.y, other.y),
        )
    return apart if overlap > 0 and apart < 8 else None


def _touch(piece: Rectangle, other: Rectangle) -> bool:
    across = piece.x <= other.right and other.x <= piece.right
    return across and piece.y <= other.bottom and other.y <= piece.bottom


def _traced(
    came: dict[tuple[Spot, Step], tuple[Spot, Step] | None], at: tuple[Spot, Step]
) -> list[Spot]:
    found, here = [], at
    while True:
        found.append(here[0])
        before = came[here]
        if before is None:
            return found[::-1]
        here = before


def _straightened(spots: list[Spot]) -> Way:
    """Return the way without the points in the middle of straight pieces."""
    kept = [spots[0]]
    for before, here, after in zip(spots, spots[1:], spots[2:], strict=False):
        level = before[1] == here[1] == after[1]
        upright = before[0] == here[0] == after[0]
        if not (level or upright):
            kept.append(here)
    return (*kept, spots[-1])
