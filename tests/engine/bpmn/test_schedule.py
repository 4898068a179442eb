"""The spellings of durations, dates and cycles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.bpmn.recurrence import CalendarSpan
from engine.bpmn.schedule import Cycle, parse_time


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("P1Y2M", CalendarSpan(14)),
        ("P2W", CalendarSpan(days=14)),
        ("P1DT2H30M", CalendarSpan(days=1, rest=timedelta(hours=2, minutes=30))),
        ("PT90S", CalendarSpan(rest=timedelta(seconds=90))),
    ],
)
def test_it_reads_durations(text, span):
    assert parse_time(text) == span


def test_it_reads_cycles():
    day = CalendarSpan(days=1)

    assert parse_time("R3/P1D") == Cycle(3, None, day)
    assert parse_time("R/P1D") == Cycle(None, None, day)
    start = datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert parse_time("R2/2026-12-01T09:00:00+00:00/P1D") == Cycle(2, start, day)


@pytest.mark.parametrize("text", ["P", "PT", "P0D", "PT0S", "P1S", "1D", "P-1D", "R0/P1D", "R3/P0D",
                                  "R-1/P1D", "P99999999999D", "R3", "2026-02-30",
                                  "R3/PT1H/2026-12-01T12:00", "2026-12-01T09:00[Asia/Shanghai]",
                                  "tomorrow"])  # fmt: skip
def test_it_refuses_times_that_mean_nothing(text):
    with pytest.raises(ValueError):
        parse_time(text)
