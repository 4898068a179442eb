"""Which numbers are a point on the earth: each bound, a step to either side."""

from __future__ import annotations

import math

import pytest

from engine.records.coordinates import point

STEP = 0.000001


@pytest.mark.parametrize(
    ("latitude", "longitude", "good"),
    [
        (38.78, 101.08, True),
        (90.0, 180.0, True),
        (-90.0, -180.0, True),
        (90 + STEP, 0.0, False),
        (-90 - STEP, 0.0, False),
        # A longitude has twice the room of a latitude.
        (0.0, 90 + STEP, True),
        (0.0, 180 + STEP, False),
        (0.0, -180 - STEP, False),
        (101.08, 38.78, False),
        # Where a device points that knows no place; the equator itself is one.
        (0.0, 0.0, False),
        (0.0, STEP, True),
        (STEP, 0.0, True),
        (None, 101.08, False),
        (38.78, None, False),
        (None, None, False),
        (math.nan, 101.08, False),
        (38.78, math.nan, False),
        (math.inf, 101.08, False),
    ],
)
def test_a_point_lies_on_the_earth(
    latitude: float | None, longitude: float | None, good: bool
) -> None:
    found = point(latitude, longitude)
    assert found == ({"latitude": latitude, "longitude": longitude} if good else None)


def test_it_keeps_a_tenth_of_a_metre() -> None:
    assert point(38.78000049, -101.08000051) == {"latitude": 38.78, "longitude": -101.080001}
