"""Times and moments with zones: compared by when they are, not by how they are written."""

import pytest

from feel import compile_expression, to_json


def value(text):
    return to_json(compile_expression(text).evaluate({}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('@"09:00:00+08:00" = @"09:00:00@Asia/Shanghai"', True),
        ('@"09:00:00@Asia/Shanghai" = @"01:00:00Z"', True),
        ('@"09:00:00@Asia/Shanghai" < @"01:00:01Z"', True),
        ('@"09:00:00@Asia/Shanghai" != @"09:00:00@Asia/Tokyo"', True),
        ('@"09:00:00@Asia/Tokyo" < @"09:00:00@Asia/Shanghai"', True),
        ('@"09:00:00@Asia/Shanghai" - @"09:00:00@Asia/Tokyo"', "PT1H"),
        ('@"09:30:00@Asia/Shanghai" in [@"01:00:00Z"..@"02:00:00Z"]', True),
        ('max(@"09:00:00@Asia/Shanghai", @"02:00:00Z").hour', 2),
        ('list contains([@"01:00:00Z"], @"09:00:00@Asia/Shanghai")', True),
        ('@"09:00:00" = @"09:00:00+08:00"', None),
        ('@"09:00:00" < @"09:00:00@Asia/Shanghai"', None),
        ('@"09:00:00" - @"09:00:00Z"', None),
        # A clock that is put forward in the night: the hours between are those that pass.
        ('@"2026-03-29T03:30:00@Europe/Berlin" - @"2026-03-29T01:30:00@Europe/Berlin"', "PT1H"),
        ('@"2026-03-29T01:30:00@Europe/Berlin" + @"PT1H"', "2026-03-29T03:30:00@Europe/Berlin"),
        ('@"2026-03-29T01:30:00@Europe/Berlin" < @"2026-03-29T00:31:00Z"', True),
        ('@"2026-10-25T02:30:00@Europe/Berlin" = @"2026-10-25T00:30:00Z"', True),
        ('@"0001-01-01T00:00:00+08:00" < @"9999-12-31T23:59:59-08:00"', True),
        ('@"0001-01-01T00:00:00+08:00" = @"0001-01-01T00:00:00+08:00"', True),
        ('@"9999-12-31T23:00:00-08:00" + @"PT1M"', None),
    ],
)
def test_it_compares_and_counts_by_the_moment(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('years and months duration(@"2020-01-01", @"2022-01-01T08:00:00")', "P2Y"),
        ('years and months duration(@"2022-01-01T08:00:00", @"2020-01-01")', "-P2Y"),
        ('years and months duration(@"2020-01-01T08:00:00Z", @"2022-01-01")', "P2Y"),
        # The first moment of 2022 in Shanghai is still 2021 in Greenwich.
        ('years and months duration(@"2020-01-01T08:00:00Z", @"2022-01-01T00:00:00+08:00")',
         "P1Y11M"),
        ('years and months duration(@"2020-01-01T08:00:00", @"2022-01-01T08:00:00+08:00")', None),
        ('years and months duration(@"2020-01-01", "2022-01-01")', None),
        ("years and months duration(null, 3)", None),
    ],
)  # fmt: skip
def test_it_counts_months_between_dates_and_moments(text, expected):
    assert value(text) == expected


def test_it_says_that_a_zone_is_missing():
    found = compile_expression('@"2026-03-06T08:00:00" < @"2026-03-06T08:00:00Z"').examine({})

    assert found.value is None
    assert "时区" in found.notes[0].zh
