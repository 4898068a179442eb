"""Points and the invented grids of five counties, against a plain loop; borders and outside."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import shapely

from engine.geo.point_index import INSIDE, NEAREST, OUTSIDE, PointIndex
from tests.conftest import SHARED
from tests.engine.geo.areas import PLACES, TOLERANCE, GridCounty

POINTS = 2_000
COUNTIES = list(PLACES) if SHARED.is_dir() else ["620725"]

SQUARES = [shapely.box(x, 38.0, x + 0.1, 38.1) for x in (101.0, 101.1)]


@cache
def county(code: str) -> GridCounty:
    return GridCounty(code)


def squares(order: tuple[int, int] = (1, 2)) -> PointIndex:
    return PointIndex.build(1, order, shapely.to_wkb(SQUARES))


@pytest.mark.parametrize("code", COUNTIES)
def test_it_says_what_a_plain_loop_says(code: str) -> None:
    made = county(code)
    points = made.points(POINTS, seed=int(code))
    units, how = made.index.units_of(points[:, 0], points[:, 1], TOLERANCE)
    assert {INSIDE, OUTSIDE} <= set(how)
    assert units == [made.naive(x, y) for x, y in points]


@pytest.mark.parametrize("code", COUNTIES)
def test_invented_grids_fill_the_county_without_a_hole(code: str) -> None:
    made = county(code)
    missing = shapely.difference(made.outline, shapely.union_all(made.areas))
    assert missing.area < 1e-6 * made.outline.area
    assert sum(area.area for area in made.areas) < (1 + 1e-6) * made.outline.area
    points = made.points(POINTS, seed=7)
    inside = points[shapely.contains_xy(made.outline, points[:, 0], points[:, 1])]
    units, _how = made.index.units_of(inside[:, 0], inside[:, 1], 1.0)
    assert None not in units


def test_the_same_units_give_the_same_grids() -> None:
    once, again = GridCounty("620725"), GridCounty("620725")
    assert (shapely.to_wkb(once.areas) == shapely.to_wkb(again.areas)).all()


def test_a_border_belongs_to_the_first_of_both() -> None:
    assert squares().units_of([101.1], [38.05]) == ([1], [INSIDE])
    turned = PointIndex.build(1, (2, 1), shapely.to_wkb(SQUARES[::-1]))
    assert turned.units_of([101.1], [38.05]) == ([2], [INSIDE])


@pytest.mark.parametrize("east", [100.999, 101.201])
def test_a_point_outside_goes_to_the_nearest_within_tolerance(east: float) -> None:
    """A thousandth of a degree of longitude is 88 metres there."""
    nearest = 1 if east < 101 else 2
    assert squares().units_of([east], [38.05], 90) == ([nearest], [NEAREST])
    assert squares().units_of([east], [38.05], 85) == ([None], [OUTSIDE])
    assert squares().units_of([east], [38.05]) == ([None], [OUTSIDE])


def test_equally_near_areas_go_to_the_first() -> None:
    apart = [shapely.box(101.0, 38.0, 101.1, 38.1), shapely.box(101.102, 38.0, 101.2, 38.1)]
    index = PointIndex.build(1, (5, 3), shapely.to_wkb(apart))
    assert index.units_of([101.101], [38.05], 500) == ([5], [NEAREST])


def test_many_points_at_once_and_one_by_one_agree() -> None:
    made = county("620725")
    corners = shapely.get_coordinates(made.areas)[:200]
    together, _ = made.index.units_of(corners[:, 0], corners[:, 1], TOLERANCE)
    alone = [made.index.units_of([x], [y], TOLERANCE)[0][0] for x, y in corners]
    assert together == alone and None not in together
    assert np.isfinite(corners).all()
