"""Versions of a county's boundaries: what is refused, what is in force, and what is history."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import org
from engine.errors import InvalidInput
from engine.geo import boundaries
from engine.geo.boundaries import CheckedBoundaries, PublishingTerms
from engine.geo.geojson import BoundaryFile
from engine.models import Boundary, Unit
from engine.org.importing import import_units
from tests.engine.geo.test_geojson import collection, feature
from tests.engine.org.conftest import NOW
from tests.engine.org.test_importing import TABLE

COUNTY, TOWN, OTHER = "620725", "620725101", "620725102"
GRIDS = """62072510100101,一网格,grid,620725101001,
62072510100102,二网格,grid,620725101001,
"""


@pytest.fixture
def county(db: Session) -> Unit:
    import_units(db, (TABLE + GRIDS).encode(), now=NOW)
    return by_code(db, COUNTY)


def by_code(db: Session, code: str) -> Unit:
    return db.scalars(select(Unit).where(Unit.code == code)).one()


def box(code: str, west: float, east: float, south: float = 38.0, north: float = 38.4) -> Any:
    return feature(list(shapely.box(west, south, east, north).exterior.coords), code)


HALVES = (box(COUNTY, 101.0, 101.4), box(TOWN, 101.0, 101.2), box(OTHER, 101.2, 101.4))


def checked(db: Session, county: Unit, *features: Any) -> CheckedBoundaries:
    file = BoundaryFile.read(collection(*features), system="WGS-84")
    return boundaries.check(db, county, file)


def rules(found: CheckedBoundaries) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.rule, one.units) for one in found.findings]


def published(db: Session, county: Unit, *features: Any, **terms: Any) -> int:
    made = PublishingTerms("drawn", **terms)
    version = boundaries.publish(db, checked(db, county, *features), made, now=NOW)
    return version.number


def at(db: Session, county: Unit, lon: float, lat: float = 38.2) -> tuple[str, str]:
    found = boundaries.locate(db, county.id, lon, lat)
    return found.unit.code, found.how


def test_areas_that_meet_are_fine(db: Session, county: Unit) -> None:
    assert rules(checked(db, county, *HALVES)) == []


def test_it_finds_overlaps_gaps_and_areas_beyond_the_parent(db: Session, county: Unit) -> None:
    wide = box(TOWN, 101.0, 101.25), box(OTHER, 101.2, 101.4)
    assert rules(checked(db, county, HALVES[0], *wide)) == [("overlap", ("清泉镇", "位奇镇"))]
    narrow = box(TOWN, 101.0, 101.15), box(OTHER, 101.2, 101.4)
    assert rules(checked(db, county, HALVES[0], *narrow)) == [("gap", ("清泉镇", "位奇镇"))]
    far = box(TOWN, 101.0, 101.2), box(OTHER, 101.2, 101.5)
    assert rules(checked(db, county, HALVES[0], *far)) == [("outside-parent", ("位奇镇",))]
    same = box(TOWN, 101.0, 101.4), box(OTHER, 101.2, 101.4)
    assert rules(checked(db, county, HALVES[0], *same)) == [
        ("one-inside-the-other", ("清泉镇", "位奇镇"))
    ]


def test_a_sliver_is_nobodys_business(db: Session, county: Unit) -> None:
    drawn = box(TOWN, 101.0, 101.20002), box(OTHER, 101.2, 101.4)
    assert rules(checked(db, county, HALVES[0], *drawn)) == []


def test_an_unknown_unit_keeps_the_file_out(db: Session, county: Unit) -> None:
    found = checked(db, county, *HALVES, box("9", 101.0, 101.1))
    assert found.is_refused and ("unknown-unit", ("9",)) in rules(found)
    with pytest.raises(InvalidInput):
        boundaries.publish(db, found, PublishingTerms("drawn"), now=NOW)
    assert boundaries.current_number(db, county.id) is None


def test_a_point_goes_to_its_unit_the_nearest_or_the_fallback(db: Session, county: Unit) -> None:
    assert at(db, county, 101.1) == (COUNTY, "fallback")
    published(db, county, *HALVES[1:], fallback=by_code(db, OTHER))
    assert at(db, county, 101.1) == (TOWN, "inside")
    assert at(db, county, 101.2) == (TOWN, "inside")
    assert at(db, county, 101.401) == (OTHER, "nearest")
    assert at(db, county, 100.9) == (OTHER, "fallback")


def test_the_finest_area_has_the_point(db: Session, county: Unit) -> None:
    grid = box("62072510100101", 101.0, 101.1, 38.0, 38.2)
    published(db, county, *HALVES, grid)
    assert at(db, county, 101.05, 38.1) == ("62072510100101", "inside")
    assert at(db, county, 101.05, 38.3) == (TOWN, "inside")


def test_a_new_version_replaces_its_levels_alone(db: Session, county: Unit) -> None:
    grid = box("62072510100101", 101.0, 101.1)
    assert published(db, county, *HALVES, grid) == 1
    moved = box(TOWN, 101.0, 101.3), box(OTHER, 101.3, 101.4)
    assert published(db, county, *moved) == 2
    # What was kept in the process is exchanged with the version.
    assert at(db, county, 101.25) == (TOWN, "inside")
    assert at(db, county, 101.05) == ("62072510100101", "inside")
    assert [one.number for one in boundaries.history(db, county.id)] == [2, 1]
    assert db.scalar(select(func.count()).select_from(Boundary)) == 8


def test_what_was_exported_is_imported_without_a_finding(db: Session, county: Unit) -> None:
    published(db, county, *HALVES)
    document = json.dumps(boundaries.export(db, county.id)).encode()
    again = boundaries.check(db, county, BoundaryFile.read(document))
    assert (rules(again), len(again.areas)) == ([], 3)
    assert boundaries.export(db, county.id, 7)["features"] == []


def test_an_ended_unit_leaves_its_points_to_whoever_took_over(db: Session, county: Unit) -> None:
    published(db, county, *HALVES, box("62072510100101", 101.0, 101.1))
    grid = by_code(db, "62072510100101")
    org.end_unit(db, None, grid, heir=by_code(db, "62072510100102"), now=NOW + timedelta(1))
    assert at(db, county, 101.05) == ("62072510100102", "inside")


@pytest.mark.parametrize("tolerance", [-1, 5001])
def test_it_refuses_a_tolerance_that_makes_no_sense(
    db: Session, county: Unit, tolerance: int
) -> None:
    with pytest.raises(InvalidInput):
        published(db, county, *HALVES, tolerance=tolerance)


def test_it_refuses_a_fallback_of_elsewhere(db: Session, county: Unit) -> None:
    with pytest.raises(InvalidInput):
        published(db, county, *HALVES, fallback=by_code(db, "6207"))
