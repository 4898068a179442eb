"""Used time over any moves, against counting minute by minute; and what starts again."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.timing import used_time
from engine.timing.used_time import CarriedTime, ClockRun, UnitSpan
from engine.worktime import Limit, published_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = published_calendar()
MINUTE = timedelta(minutes=1)
MONDAY = datetime(2026, 11, 16, 9, tzinfo=SHANGHAI)


def open_minute(minute: datetime) -> bool:
    works = CHINA.is_working(minute.date())
    return works and any(a <= minute.time() < b for a, b in CHINA.sessions)


def minutes(begins: datetime, ends: datetime) -> tuple[int, int]:
    """Minutes, and those of them in office hours, counted one by one."""
    whole, office = 0, 0
    while begins < ends:
        whole, office = whole + 1, office + open_minute(begins)
        begins += MINUTE
    return whole, office


# A stay: how long until it comes, how long it lasts, and a pause in it.
stays = st.lists(
    st.tuples(st.integers(0, 900), st.integers(1, 900), st.integers(0, 400), st.integers(0, 400)),
    min_size=1,
    max_size=5,
)


@settings(max_examples=50)
@given(stays, st.integers(0, 1500))
def test_it_adds_up_what_each_stay_used_and_nothing_of_the_time_between(rounds, gap):
    run, moment, used = None, MONDAY, [0, 0]
    for wait, length, before, pause in rounds:
        begun = moment + wait * MINUTE
        moment = begun + length * MINUTE
        stop = [min(begun + many * MINUTE, moment) for many in (before, before + pause)]
        run = used_time.run_on(run, begun, moment, [(stop[0], stop[1])], CHINA)
        for number, amount in enumerate(minutes(begun, moment)):
            used[number] += amount
        for number, amount in enumerate(minutes(stop[0], stop[1])):
            used[number] -= amount
    assert run is not None
    found = run.running_time(CHINA)
    assert [found.real // MINUTE, found.office // MINUTE] == used
    assert ClockRun.of_data(run.as_data()) == run
    # What is left of hours is left, to the minute, whenever it goes on.
    at = moment + gap * MINUTE
    assert run.end(Limit(40, "hours"), at, CHINA) == at + (40 * 60 - used[0]) * MINUTE


def span(node: str, unit: int, came: int, left: int, how: str) -> UnitSpan:
    begins, ends = MONDAY + came * MINUTE, MONDAY + left * MINUTE
    return UnitSpan(node, unit, begins, ends, how, sign=ClockRun(begins, ends))


def brings(*spans: UnitSpan, sent_back: bool = False) -> datetime | None:
    run = used_time.carried(spans, "b", 1, sent_back=sent_back).sign
    return run.since if run else None


@pytest.mark.parametrize("how", ["moved", "cancelled", "passed"])
def test_what_did_not_come_to_its_end_goes_on(how):
    assert brings(span("b", 1, 10, 20, how)) == MONDAY + 10 * MINUTE
    assert brings(span("b", 2, 10, 20, how)) is None
    assert brings(span("c", 1, 10, 20, how)) is None


def test_what_was_completed_goes_on_only_if_it_was_sent_back_to_or_over():
    done = span("b", 1, 10, 20, "completed")
    assert brings(done) is None
    assert brings(done, sent_back=True) == MONDAY + 10 * MINUTE
    # From c back to a, which came before b: b is done again. From d back to c it is not.
    a, c = span("a", 5, 0, 10, "completed"), span("c", 3, 20, 30, "moved")
    again = span("a", 5, 30, 40, "completed")
    assert brings(a, done, c, again) == MONDAY + 10 * MINUTE
    d, later = span("d", 4, 30, 40, "moved"), span("c", 3, 40, 50, "completed")
    assert brings(a, done, span("c", 3, 20, 30, "completed"), d, later) is None


def test_the_last_stay_counts_and_nothing_is_brought_to_a_first_one():
    older, newer = span("b", 1, 0, 5, "moved"), span("b", 1, 50, 60, "passed")
    assert brings(newer, older) == MONDAY + 50 * MINUTE
    assert used_time.carried([], "b", 1) == CarriedTime()
    assert CarriedTime.of_data(None) == CarriedTime.of_data({}) == CarriedTime()


def test_an_hour_that_was_left_on_the_last_day_is_left_on_the_next():
    """Returned at five on the last day and dispatched again in the morning: not late by that."""
    begun = datetime(2026, 11, 16, 9, tzinfo=SHANGHAI)
    run = ClockRun(begun, datetime(2026, 11, 17, 17, tzinfo=SHANGHAI))
    again = datetime(2026, 11, 18, 8, 31, tzinfo=SHANGHAI)
    end = run.end(Limit(1, "working_days"), again, CHINA)
    assert end == datetime(2026, 11, 18, 18, tzinfo=SHANGHAI)
    # One that was late then is late still.
    late = ClockRun(begun, datetime(2026, 11, 17, 19, tzinfo=SHANGHAI))
    assert late.end(Limit(1, "working_days"), again, CHINA) < again
