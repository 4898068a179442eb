"""Which area a point lies in: one version of a county's areas in a tree, ready to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from engine.geo.coordinates import METRES_PER_DEGREE

INSIDE, NEAREST, OUTSIDE = "inside", "nearest", "outside"
NOWHERE = 1 << 62


@dataclass(frozen=True)
class PointIndex:
    """The areas of one version, the finest level first and then by code; only ever replaced.

    A border belongs to both its areas, so the first of all areas that touch a point has it:
    the answer depends on codes, and never on the order of a tree.
    """

    version: int
    units: Any
    areas: Any
    tree: shapely.STRtree
    # A degree of longitude is shorter than one of latitude by this factor.
    squeeze: float

    @classmethod
    def build(cls, version: int, units: Sequence[int], wkb: Sequence[bytes]) -> PointIndex:
        """Return the index of areas that come in order of precedence."""
        areas = shapely.from_wkb(np.asarray(wkb, dtype=object))
        shapely.prepare(areas)
        bounds = shapely.total_bounds(areas)
        squeeze = float(np.cos(np.radians((bounds[1] + bounds[3]) / 2)))
        return cls(
            version, np.asarray(units, dtype=np.int64), areas, shapely.STRtree(areas), squeeze
        )

    def units_of(
        self, lon: Any, lat: Any, tolerance: float = 0.0
    ) -> tuple[list[int | None], list[str]]:
        """Return for each point the unit's id and how it was found; None outside of tolerance.

        ``tolerance`` is in metres.
        """
        points = shapely.points(lon, lat)
        found = np.full(len(points), NOWHERE, dtype=np.int64)
        asked, area = self.tree.query(points, predicate="intersects")
        np.minimum.at(found, asked, area)
        how = [INSIDE if one != NOWHERE else OUTSIDE for one in found]
        lost = np.flatnonzero(found == NOWHERE)
        if tolerance > 0 and lost.size:
            for row, area in self._nearest(points[lost], tolerance).items():
                found[lost[row]], how[lost[row]] = area, NEAREST
        return [None if one == NOWHERE else int(self.units[one]) for one in found], how

    def _nearest(self, points: Any, tolerance: float) -> dict[int, int]:
        """Return the nearest area within tolerance by row of points that lie in none."""
        # The tree measures in degrees: ask for the wide circle, measure in metres afterwards.
        reach = tolerance / METRES_PER_DEGREE / self.squeeze
        near = self.tree.query(points, predicate="dwithin", distance=reach)
        best: dict[int, tuple[float, int]] = {}
        for row, area in near.T.tolist():
            far = self._metres(points[row], self.areas[area])
            # A millimetre decides nothing; equally far, the first of them has it.
            if far <= tolerance:
                best[row] = min(best.get(row, (far, area)), (far, area))
        return {row: area for row, (_, area) in best.items()}

    def _metres(self, point: Any, area: Any) -> float:
        line = shapely.shortest_line(point, area)
        (x0, y0), (x1, y1) = shapely.get_coordinates(line)
        metres = METRES_PER_DEGREE * float(np.hypot((x1 - x0) * self.squeeze, y1 - y0))
        return round(metres, 3)
