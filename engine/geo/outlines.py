"""Outlines of units to be drawn, thinned together so that neighbours still meet; and their middles.

Kept by a process until another version of the boundaries is in force.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from sqlalchemy.orm import Session

from engine.geo import boundaries
from engine.models import BoundarySet

# About fifty metres: nothing that can be seen at the scale of a township.
TOLERANCE = 0.0005


@dataclass(frozen=True)
class CountyShapes:
    """The areas of one version by unit, each with a point inside of it, in WGS-84."""

    made_of: int
    areas: Mapping[int, Any]
    middles: Mapping[int, tuple[float, float]]
    bounds: tuple[float, float, float, float]
    invented: bool


_KEPT: dict[int, CountyShapes] = {}


def shapes(db: Session, county_id: int) -> CountyShapes | None:
    """Return the shapes in force; None where a county has no boundaries."""
    version = boundaries.version_in_force(db, county_id)
    if version is None:
        return None
    kept = _KEPT.get(county_id)
    if kept is None or kept.made_of != version.id:
        kept = _KEPT[county_id] = _built(db, version)
    return kept


def collection(found: CountyShapes, unit_ids: Collection[int]) -> dict[str, Any]:
    """Return the outlines of some units as GeoJSON, each feature with its unit's id."""
    ids = [one for one in unit_ids if one in found.areas]
    areas = np.asarray([found.areas[one] for one in ids], dtype=object)
    thin = shapely.coverage_simplify(areas, TOLERANCE) if ids else areas
    rounded = shapely.set_precision(thin, 1e-5, mode="pointwise") if ids else thin
    features = [
        {
            "type": "Feature",
            "id": str(unit_id),
            "properties": {},
            "geometry": json.loads(shapely.to_geojson(area)),
        }
        for unit_id, area in zip(ids, rounded, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def _built(db: Session, version: BoundarySet) -> CountyShapes:
    rows = boundaries.rows_in_force(db, version.county_id)
    areas = {unit_id: shapely.from_wkb(wkb) for unit_id, wkb, _level in rows}
    middles = {}
    for unit_id, area in areas.items():
        point = area.representative_point()
        middles[unit_id] = (float(point.x), float(point.y))
    west, south, east, north = shapely.total_bounds(list(areas.values()))
    bounds = (float(west), float(south), float(east), float(north))
    return CountyShapes(version.id, areas, middles, bounds, version.invented)
