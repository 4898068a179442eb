"""From plain JSON back to the values that were meant."""

from datetime import date, datetime, time, timedelta

import pytest

from feel import Months
from feel.kinds import UnfitText, parse_kind, reader


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("date", "2026-11-30", date(2026, 11, 30)),
        ("date and time", "2026-11-30T23:30", datetime(2026, 11, 30, 23, 30)),
        ("time", "08:30:00", time(8, 30)),
        ("days and time duration", "P3DT4H", timedelta(days=3, hours=4)),
        ("years and months duration", "P1Y2M", Months(14)),
        ("date|date and time", "2026-11-30", date(2026, 11, 30)),
        ("date|date and time", "2026-11-30T23:30", datetime(2026, 11, 30, 23, 30)),
        ("date|null", "2026-11-30", date(2026, 11, 30)),
        ("date|number", 5, 5),
        ("list<date>", ["2026-11-30", None], [date(2026, 11, 30), None]),
        ("date|list<date>", "2026-11-30", date(2026, 11, 30)),
        ("context<a: date, b: string>", {"a": "2026-11-30", "b": "2026-11-30", "c": 1},
         {"a": date(2026, 11, 30), "b": "2026-11-30", "c": 1}),
        ("list<context<on: date>>", [{"on": "2026-11-30"}, {"on": None}, {}],
         [{"on": date(2026, 11, 30)}, {"on": None}, {}]),
        ("date", None, None),
        ("date", 5, 5),
    ],
)  # fmt: skip
def test_it_reads_what_was_meant(kind, given, value):
    assert reader(parse_kind(kind))(given) == value


@pytest.mark.parametrize("kind", ["string", "date|string", "number", "list<string>", "context",
                                  "list", "Any", "context<a: number>"])  # fmt: skip
def test_what_is_as_it_is_needs_no_reading(kind):
    assert reader(parse_kind(kind)) is None


@pytest.mark.parametrize(
    ("kind", "given"),
    [("date", "soon"), ("date", "2026-02-30"), ("date", "2026-11-30T08:00"), ("date", "P1D"),
     ("time", "2026-11-30"), ("days and time duration", "P1Y"), ("list<date>", ["x"])],
)  # fmt: skip
def test_it_refuses_what_is_no_such_value(kind, given):
    with pytest.raises(UnfitText):
        reader(parse_kind(kind))(given)
