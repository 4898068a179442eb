"""Values from and to JSON."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from feel import Months, Range, from_json, to_json


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        ("x", "x"),
        (5, 5),
        (Decimal("5.0"), 5),
        (Decimal("2778.693549432766720839844710324306"), 2778.6935494327668),
        (Decimal("1E+400"), "1E+400"),
        (Decimal("1E+20"), 10**20),
        (date(2026, 3, 2), "2026-03-02"),
        (time(8, 30), "08:30:00"),
        (datetime(2026, 3, 2, 8, 30, tzinfo=UTC), "2026-03-02T08:30:00Z"),
        (timedelta(days=1, hours=2), "P1DT2H"),
        (timedelta(), "PT0S"),
        (Months(14), "P1Y2M"),
        (Months(0), "P0M"),
        ([1, Decimal("0.5")], [1, 0.5]),
        ({"a": date(2026, 3, 2)}, {"a": "2026-03-02"}),
        (
            Range(1, 5, True, False),
            {"start": 1, "end": 5, "start included": True, "end included": False},
        ),
    ],
)
def test_values_become_json(value, expected):
    assert to_json(value) == expected
    json.dumps(to_json(value), allow_nan=False)


def test_json_floats_become_the_decimals_they_were_written_as():
    assert from_json(json.loads('{"a": [0.1, 5.0, 3]}')) == {"a": [Decimal("0.1"), 5, 3]}


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_are_none_become_null(number):
    assert from_json(number) is None


def test_huge_integers_are_rounded_to_34_digits():
    assert from_json(10**50 + 1) == Decimal("1E+50")
