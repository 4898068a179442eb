"""Counties with invented areas, without a database, and the answer of a plain loop over them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from engine.geo import invented
from engine.geo.coordinates import METRES_PER_DEGREE
from engine.geo.geojson import BoundaryFile
from engine.geo.point_index import PointIndex
from engine.models import Unit
from tests.conftest import SAMPLES, SHARED

# Outline, table of divisions, centre points.
PLACES = {
    "620725": ("620725", "shandan_620725"),
    "620821": ("620821", "jingchuan_620821"),
    "511504": ("511504", "xuzhou_511504"),
    "500153": ("500153", "rongchang_500153"),
    "320506": ("suzhou_3205", "suzhou_3205"),
}
LEVEL = {6: "county", 9: "township", 12: "village", 14: "grid"}
TOLERANCE = 200.0


class GridCounty:
    """A county's outline and the invented areas of its grids, in the order of their codes."""

    def __init__(self, code: str) -> None:
        self.outline = outline_of(code)
        units = divisions(code) if SHARED.is_dir() else sample_divisions(code)
        areas = invented.tree_areas(int(code), units, self.outline)
        grids = sorted((unit for unit in units if unit.level == "grid"), key=lambda one: one.code)
        self.units = [unit.id for unit in grids]
        self.areas = np.array([areas[unit.id] for unit in grids])
        self.index = PointIndex.build(1, self.units, shapely.to_wkb(self.areas))

    def points(self, count: int, seed: int) -> Any:
        """Points around and inside of the county."""
        west, south, east, north = self.outline.bounds
        draw = np.random.default_rng(seed)
        return np.column_stack([draw.uniform(west, east, count), draw.uniform(south, north, count)])

    def naive(self, x: float, y: float) -> int | None:
        """The first grid that touches the point, else the nearest in metres, by looking at all."""
        point = shapely.Point(x, y)
        hits = np.flatnonzero(shapely.intersects(self.areas, point))
        if hits.size:
            return self.units[int(hits[0])]
        near = [
            (self.metres(point, area), number)
            for number, area in enumerate(self.areas)
            if shapely.distance(area, point) * METRES_PER_DEGREE * self.index.squeeze < TOLERANCE
        ]
        best = min(near, default=(TOLERANCE + 1, 0))
        return self.units[best[1]] if best[0] <= TOLERANCE else None

    def metres(self, point: Any, area: Any) -> float:
        nearest = shapely.shortest_line(point, area).coords[-1]
        east = (nearest[0] - point.x) * self.index.squeeze
        return round(METRES_PER_DEGREE * float(np.hypot(east, nearest[1] - point.y)), 3)


def outline_of(code: str) -> Any:
    folder = SHARED / "data/geo" if SHARED.is_dir() else SAMPLES / "geo"
    data = (folder / f"{PLACES[code][0]}.geojson").read_bytes()
    return BoundaryFile.read(data).areas[code]


def divisions(code: str) -> list[Unit]:
    """The county's units as the bureau has them, and two grids for each village."""
    folder, name = SHARED / "data/divisions", PLACES[code][1]
    centres = {row["code"]: row for row in rows(folder / f"{name}.centres.csv")}
    units = []
    for row in rows(folder / f"{name}.csv"):
        if row["code"].startswith(code):
            units += with_grids(unit(row["code"], row["name"], centres.get(row["code"])))
    return units


def sample_divisions(code: str) -> list[Unit]:
    """What stands in where there is no table: five townships of five villages."""
    towns = [f"{code}{town:03d}" for town in range(101, 106)]
    villages = [f"{town}{village:03d}" for town in towns for village in range(201, 206)]
    units = [unit(one, one) for one in (code, *towns)]
    return units + [grid for one in villages for grid in with_grids(unit(one, one))]


def with_grids(one: Unit) -> list[Unit]:
    if one.level != "village":
        return [one]
    return [one, *(unit(f"{one.code}{number:02d}", one.name) for number in (1, 2))]


def unit(code: str, name: str, centre: dict[str, str] | None = None) -> Unit:
    parent = {6: 4, 9: 6, 12: 9, 14: 12}[len(code)]
    made = Unit(id=int(code), code=code, name=name, level=LEVEL[len(code)], kind="area")
    made.parent_id = int(code[:parent])
    if centre:
        made.longitude, made.latitude = float(centre["lon_gcj02"]), float(centre["lat_gcj02"])
    return made


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
