"""Areas for townships, villages and grids where nobody has real ones: invented, and marked so.

Each unit's centre, its own or one drawn from its code, gets the part of its parent's area that is
nearer to it than to its siblings' (Voronoi). The same units and outline give the same areas.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.geo.boundaries import CheckedBoundaries
from engine.geo.coordinates import SYSTEMS
from engine.models import Unit

# Edges of neighbours meet on a grid of a centimetre.
GRID = 1e-7
TRIES = 64


def areas(db: Session, county: Unit, outline: Any, centres: str = "GCJ-02") -> CheckedBoundaries:
    """Return an area for every unit of the county, the outline (WGS-84) its own.

    ``centres`` is the system that the units' own latitude and longitude are in.
    """
    own = (Unit.at_county == county.id, Unit.kind == "area", Unit.ended_at.is_(None))
    units = db.scalars(select(Unit).where(*own).order_by(Unit.code)).all()
    return CheckedBoundaries(county, tree_areas(county.id, units, outline, centres), "WGS-84", ())


def tree_areas(
    root_id: int, units: Sequence[Unit], outline: Any, centres: str = "GCJ-02"
) -> dict[int, Any]:
    """Return the areas of units by id, from the root's outline down: children fill their parent."""
    children: dict[int | None, list[Unit]] = defaultdict(list)
    for unit in units:
        children[unit.parent_id].append(unit)
    found: dict[int, Any] = {root_id: outline}
    waiting = [root_id]
    while waiting:
        parent_id = waiting.pop()
        below = children[parent_id]
        found |= _cells(found[parent_id], below, centres)
        waiting += [unit.id for unit in below]
    return found


def _cells(parent: Any, units: Sequence[Unit], centres: str) -> Mapping[int, Any]:
    """Return the part of the parent's area that each unit gets."""
    if len(units) < 2:
        return {unit.id: parent for unit in units}
    squeeze = float(np.cos(np.radians(parent.centroid.y)))
    points = np.array([_centre(unit, parent, centres) for unit in units])
    # Distances on the ground and not in degrees: else the cells are askew.
    flat = points * [squeeze, 1]
    around = shapely.transform(parent.envelope, lambda xy: xy * [squeeze, 1])
    cells = np.array(
        shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(flat), extend_to=around))
    )
    asked, rows = shapely.STRtree(cells).query(shapely.points(flat), predicate="intersects")
    mine = dict(zip(asked.tolist(), rows.tolist(), strict=True))
    return {
        unit.id: _cut(cells[mine[number]], squeeze, parent) for number, unit in enumerate(units)
    }


def _cut(cell: Any, squeeze: float, parent: Any) -> Any:
    degrees = shapely.transform(cell, lambda xy: xy / [squeeze, 1])
    cut = shapely.intersection(degrees, parent, grid_size=GRID)
    # A cell that a corner of the outline cuts to a line leaves one behind.
    parts = [part for part in shapely.get_parts(cut) if part.area]
    return shapely.union_all(parts) if parts else shapely.buffer(degrees.centroid, GRID)


def _centre(unit: Unit, parent: Any, centres: str) -> tuple[float, float]:
    """Return the unit's own centre where it lies inside; else a place drawn from its code."""
    if unit.longitude is not None and unit.latitude is not None:
        own = SYSTEMS[centres](unit.longitude, unit.latitude)
        if shapely.contains_xy(parent, *own):
            return own
    draw = np.random.default_rng(zlib.crc32(unit.code.encode()))
    west, south, east, north = parent.bounds
    tries = np.column_stack([draw.uniform(west, east, TRIES), draw.uniform(south, north, TRIES)])
    inside = tries[shapely.contains_xy(parent, tries[:, 0], tries[:, 1])]
    if len(inside):
        return float(inside[0][0]), float(inside[0][1])
    point = shapely.point_on_surface(parent)
    return float(point.x) + zlib.crc32(unit.code.encode()) % 997 * GRID, float(point.y)
