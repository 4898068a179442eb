"""Reading areas: the order of coordinates, the system they are in, what cannot be used."""

from __future__ import annotations

import json
from math import hypot
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from engine.geo.coordinates import (
    METRES_PER_DEGREE,
    SYSTEMS,
    bd_to_wgs,
    gcj_to_bd,
    gcj_to_wgs,
    plane_to_wgs,
    wgs_to_gcj,
    zone_meridian,
)
from engine.geo.geojson import BoundaryFile, UnreadableBoundaries
from tests.engine.geo.areas import outline_of

SQUARE = [[101.0, 38.0], [101.1, 38.0], [101.1, 38.1], [101.0, 38.1], [101.0, 38.0]]
IN_CHINA = st.tuples(st.floats(74, 135), st.floats(18, 53))


def feature(ring: Any, code: Any = "1", **properties: Any) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"code": code, **properties}, "geometry": geometry}


def collection(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def rules(file: BoundaryFile) -> list[str]:
    return [one.rule for one in file.findings]


@given(IN_CHINA)
def test_the_offsets_are_undone_to_a_millimetre(point: tuple[float, float]) -> None:
    for there, back in ((wgs_to_gcj, gcj_to_wgs), (_to_bd, bd_to_wgs)):
        lon, lat = back(*there(*point))
        assert hypot(lon - point[0], lat - point[1]) * METRES_PER_DEGREE < 0.001


def _to_bd(lon: float, lat: float) -> tuple[float, float]:
    return gcj_to_bd(*wgs_to_gcj(lon, lat))


def test_the_offsets_are_those_that_others_publish() -> None:
    assert wgs_to_gcj(116.404, 39.915) == pytest.approx((116.41024449916938, 39.91640428150164))
    assert gcj_to_bd(116.404, 39.915) == pytest.approx((116.41036949371029, 39.92133699351021))
    # Of EPSG:4543, by PROJ: longitude 103.4, latitude 38.7654321.
    assert zone_meridian(38_500_000) == 114 and zone_meridian(18_500_000) == 105
    assert zone_meridian(500_000) is None
    assert plane_to_wgs(500_000, 0, 102) == pytest.approx((102, 0))


def test_it_exchanges_latitude_and_longitude_and_says_so() -> None:
    file = BoundaryFile.read(collection(feature([one[::-1] for one in SQUARE])), system="WGS-84")
    assert rules(file) == ["wrong-order"]
    assert file.areas["1"].bounds == (101.0, 38.0, 101.1, 38.1)


def test_it_converts_what_the_file_names_and_says_so() -> None:
    file = BoundaryFile.read(collection(feature(SQUARE, crs="GCJ-02")))
    assert (file.system, rules(file)) == ("GCJ-02", ["converted"])
    corner = shapely.get_coordinates(file.areas["1"])[0]
    assert tuple(corner) == pytest.approx(gcj_to_wgs(101.0, 38.0))


@pytest.mark.parametrize("system", SYSTEMS)
def test_it_recognises_the_system_by_the_outline(system: str) -> None:
    outline = outline_of("620725")
    rule = {"WGS-84": lambda *one: one, "GCJ-02": wgs_to_gcj, "BD-09": _to_bd}[system]
    ring = [rule(x, y) for x, y in outline.exterior.coords]
    file = BoundaryFile.read(collection(feature(ring)), outline=outline)
    assert file.system == system and "system-recognised" in rules(file)
    assert shapely.symmetric_difference(file.areas["1"], outline).area < 1e-6 * outline.area


def test_it_asks_where_nothing_tells_the_system() -> None:
    with pytest.raises(UnreadableBoundaries, match="system of coordinates"):
        BoundaryFile.read(collection(feature(SQUARE)))


def test_it_reads_metres_with_their_zone_in_front() -> None:
    ring = [[34_500_000 + x, 4_200_000 + y] for x, y in ((0, 0), (900, 0), (900, 900), (0, 0))]
    file = BoundaryFile.read(collection(feature(ring)))
    assert file.system == "CGCS2000"
    assert shapely.get_coordinates(file.areas["1"])[0] == pytest.approx((102.0, 37.93), abs=0.01)
    north_first = BoundaryFile.read(collection(feature([one[::-1] for one in ring])))
    assert north_first.areas["1"].equals_exact(file.areas["1"], 1e-9)
    plain = [[x - 34_000_000, y] for x, y in ring]
    with pytest.raises(UnreadableBoundaries, match="central meridian"):
        BoundaryFile.read(collection(feature(plain)))
    said = BoundaryFile.read(collection(feature(plain)), meridian=102)
    assert said.areas["1"].equals_exact(file.areas["1"], 1e-9)


def test_it_mends_a_ring_that_crosses_itself_and_says_so() -> None:
    bow = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]
    file = BoundaryFile.read(collection(feature(bow)), system="WGS-84")
    assert rules(file) == ["crosses-itself"] and file.areas["1"].is_valid


def test_it_leaves_out_what_is_no_area_and_says_so() -> None:
    point = {"type": "Point", "coordinates": [101, 38]}
    line = {"type": "Feature", "properties": {"code": "4"}, "geometry": point}
    broken = [[101, 38], ["x", 1]]
    features = (feature(SQUARE), feature(SQUARE), feature(SQUARE, ""), line, feature(broken, "5"))
    file = BoundaryFile.read(collection(*features), system="WGS-84")
    assert rules(file) == ["twice", "without-code", "no-area", "no-area"]
    assert list(file.areas) == ["1"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"features": 1}',
        b'{"features": [1]}',
        b"[" * 100_000,
        collection(),
        collection(feature([[float("nan"), 38.0]] * 4)),
        collection(feature([[-70.0 + x, 42.0 + y] for x, y in ((0, 0), (1, 0), (1, 1), (0, 0))])),
    ],
    ids=["empty", "bytes", "list", "number", "of-numbers", "deep", "none", "nan", "boston"],
)
def test_it_refuses_what_is_no_file_of_areas_in_china(data: bytes) -> None:
    with pytest.raises(UnreadableBoundaries):
        BoundaryFile.read(data, system="WGS-84")
