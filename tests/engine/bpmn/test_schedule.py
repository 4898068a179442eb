"""Durations and cycles against slow, obvious arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.schedule import CalendarSpan, Cycle, parse_time

START = datetime(2026, 1, 31, 8, 30, tzinfo=UTC)


@given(
    st.integers(1, 400).map(lambda minutes: CalendarSpan(rest=timedelta(minutes=minutes))),
    st.integers(0, 5_000).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_it_finds_the_next_moment_of_a_cycle_as_counting_would(span, gone):
    now = START + gone
    expected = START + span.rest
    while expected <= now:
        expected += span.rest

    assert span.beyond(START, now) == expected


def test_it_skips_millions_of_missed_moments_at_once():
    every_second = CalendarSpan(rest=timedelta(seconds=1))
    now = START + timedelta(days=3_650)

    assert every_second.beyond(START, now) == now + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("months", "moment"),
    [(1, "2026-02-28"), (2, "2026-03-31"), (12, "2027-01-31"), (25, "2028-02-29")],
)
def test_it_ends_a_month_on_the_corresponding_day_or_the_last(months, moment):
    assert CalendarSpan(months).after(START).date().isoformat() == moment


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("P1Y2M", CalendarSpan(14)),
        ("P2W", CalendarSpan(rest=timedelta(weeks=2))),
        ("P1DT2H30M", CalendarSpan(rest=timedelta(days=1, hours=2, minutes=30))),
        ("PT90S", CalendarSpan(rest=timedelta(seconds=90))),
    ],
)
def test_it_reads_durations(text, span):
    assert parse_time(text) == span


def test_it_reads_cycles():
    day = CalendarSpan(rest=timedelta(days=1))

    assert parse_time("R3/P1D") == Cycle(3, None, day)
    assert parse_time("R/P1D") == Cycle(None, None, day)
    start = datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert parse_time("R2/2026-12-01T09:00:00+00:00/P1D") == Cycle(2, start, day)


@pytest.mark.parametrize("text", ["P", "PT", "P0D", "PT0S", "P1S", "1D", "P-1D", "R0/P1D", "R3/P0D",
                                  "R-1/P1D", "P99999999999D", "R3", "2026-02-30",
                                  "tomorrow"])  # fmt: skip
def test_it_refuses_times_that_mean_nothing(text):
    with pytest.raises(ValueError):
        parse_time(text)
