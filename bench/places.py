"""Points to units: `fengqiao bench places`. Invented grids of the demo county, no database."""

from __future__ import annotations

import statistics
import time
from importlib.resources import files
from typing import Any

import numpy as np
import shapely

from engine.geo import invented
from engine.geo.geojson import BoundaryFile
from engine.geo.point_index import PointIndex
from engine.intake.demo.places import COUNTY
from engine.models import Unit

POINTS, ALONE, FLOOR = 100_000, 2_000, 500
VILLAGES, TOLERANCE = 2_500, 200.0


def run(points: int = POINTS) -> dict[str, Any]:
    """Return points a minute in bulk and one by one, beside a loop over all areas."""
    outline = _outline()
    areas = list(_areas(outline).values())
    wkb = shapely.to_wkb(areas)
    began = time.perf_counter()
    index = PointIndex.build(1, range(1, len(areas) + 1), wkb)
    built = time.perf_counter() - began
    west, south, east, north = outline.bounds
    draw = np.random.default_rng(1)
    x, y = draw.uniform(west, east, points), draw.uniform(south, north, points)
    began = time.perf_counter()
    index.units_of(x, y, TOLERANCE)
    bulk = time.perf_counter() - began
    return {
        "areas": len(areas),
        "build_ms": round(built * 1000, 1),
        "points": points,
        "bulk_per_minute": round(points / bulk * 60),
        "alone_us": _median_us(lambda n: index.units_of(x[n : n + 1], y[n : n + 1], TOLERANCE)),
        "floor_us": _median_us(
            lambda n: np.flatnonzero(shapely.intersects(index.areas, shapely.Point(x[n], y[n]))),
            FLOOR,
        ),
    }


def _median_us(ask: Any, count: int = ALONE) -> float:
    taken = []
    for number in range(count):
        began = time.perf_counter()
        ask(number)
        taken.append(time.perf_counter() - began)
    return round(statistics.median(taken) * 1_000_000, 1)


def _outline() -> Any:
    data = (files("engine.intake.demo") / "outline.json").read_bytes()
    return BoundaryFile.read(data).areas[COUNTY]


def _areas(outline: Any) -> dict[int, Any]:
    """As many grids as a large county has, two in each village."""
    units = [_unit(1, None, "county")]
    units += [_unit(10 + number, 1, "village") for number in range(VILLAGES)]
    grids = [_unit(10_000 + n, 10 + n // 2, "grid") for n in range(2 * VILLAGES)]
    areas = invented.tree_areas(1, units + grids, outline)
    return {unit.id: areas[unit.id] for unit in grids}


def _unit(number: int, parent_id: int | None, level: str) -> Unit:
    return Unit(id=number, code=str(number), name=level, level=level, parent_id=parent_id)
