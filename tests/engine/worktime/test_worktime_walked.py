"""Deadlines over any calendar and any pauses, against a walk along the calendar; and the walk
itself against the tables worked by hand in the guide.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bench.simulation import oracle
from engine.worktime import (
    MONDAY_TO_FRIDAY,
    OFFICE_HOURS,
    ROUND_THE_CLOCK,
    Calendar,
    Limit,
    after,
    deadline,
    elapsed,
    published_calendar,
    warn_at,
)
from tests.engine.worktime.test_worktime import SHANGHAI, at, shown
from tests.engine.worktime.test_worktime_page import at as on_page
from tests.engine.worktime.test_worktime_page import limit as limit_of
from tests.engine.worktime.test_worktime_page import rows, spans

MINUTE = timedelta(minutes=1)
CHINA = published_calendar()
UNITS = ("hours", "working_hours", "working_days", "days", "months", "years")

weeks = st.lists(st.booleans(), min_size=7, max_size=7).map(tuple).filter(any)
calendars = st.just(CHINA) | st.builds(
    Calendar,
    days=st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 6, 30)), st.booleans(), max_size=70),
    sessions=st.sampled_from(
        [
            OFFICE_HOURS,
            ROUND_THE_CLOCK,
            ((time(9), time(17)),),
            ((time(0), time(8)), (time(8, 1), time(11, 59)), (time(20), time(0))),
        ]
    ),
    week=st.just(MONDAY_TO_FRIDAY) | weeks,
)
starts = st.datetimes(datetime(2026, 1, 1), datetime(2026, 5, 1)).map(
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=SHANGHAI)
)
limits = st.sampled_from(UNITS).flatmap(
    lambda unit: st.builds(
        Limit, st.integers(0, {"months": 4, "years": 1}.get(unit, 30)), st.just(unit)
    )
)
# Minutes: often short, now and then weeks; and the times at which clocks meet office hours.
waits = st.integers(0, 600) | st.integers(0, 40_000)
o_clock = st.sampled_from([None, None, time(8, 30), time(12), time(17), time(18), time(0)])


@st.composite
def stories(draw):
    """A start, a limit, a calendar and pauses, each begun while the clock was still running."""
    start, limit, calendar = draw(starts), draw(limits), draw(calendars)
    pauses, moment = [], start
    for _ in range(draw(st.integers(0, 3))):
        due = oracle.deadline(start, limit, calendar, pauses)
        begins = due - draw(st.integers(1, 3000)) * MINUTE if draw(st.booleans()) else moment
        begins = later(draw, moment) if begins <= moment else begins
        if begins >= due:
            break
        moment = later(draw, begins)
        pauses.append((begins, moment))
    return start, limit, calendar, pauses


def later(draw, moment):
    found = moment + draw(waits) * MINUTE
    clock = draw(o_clock)
    if clock is not None:
        moved = datetime.combine(found.astimezone(SHANGHAI).date(), clock, SHANGHAI)
        found = moved if moved > moment else found
    return found


@settings(max_examples=400)
@given(stories())
def test_it_ends_to_the_minute_where_a_walk_along_the_calendar_ends(story):
    start, limit, calendar, pauses = story
    due = deadline(start, limit, calendar, pauses=pauses)
    assert due == oracle.deadline(start, limit, calendar, pauses)
    assert due >= start
    assert all(resumed <= due for _, resumed in pauses)


def minute_by_minute(start, limit, calendar, pauses):
    """The same end, found by looking at every single minute."""

    def works(day):
        return calendar.days.get(day, calendar.week[day.weekday()])

    def is_open(moment):
        local = moment.astimezone(SHANGHAI)
        clock = local.time()
        inside = any(
            begins <= clock and (clock < ends or ends == time(0))
            for begins, ends in calendar.sessions
        )
        return inside and works(local.date())

    def stopped(moment):
        return any(begins <= moment < ends for begins, ends in pauses)

    moment = start
    if limit.unit in ("hours", "working_hours"):
        left = limit.amount * 60
        while left:
            counts = limit.unit == "hours" or is_open(moment)
            left -= counts and not stopped(moment)
            moment += MINUTE
        return moment
    by_office = limit.unit == "working_days"
    stood = 0
    for begins, ends in pauses:
        while begins < ends:
            stood += not by_office or is_open(begins)
            begins += MINUTE
    whole = 24 * 60
    if by_office:
        day = next(
            day for day in (date(2026, 1, 1) + timedelta(n) for n in range(400)) if works(day)
        )
        whole = sum(
            is_open(datetime.combine(day, time(0), SHANGHAI) + n * MINUTE) for n in range(whole)
        )
    left = limit.amount + (2 * stood + whole) // (2 * whole)
    day = start.astimezone(SHANGHAI).date()
    while True:
        day += timedelta(1)
        left -= left > 0 and (works(day) or not by_office)
        last = calendar.sessions[-1][1] if by_office else time(0)
        ends_on = day if last > time(0) else day + timedelta(1)
        moment = datetime.combine(ends_on, last, SHANGHAI)
        if left == 0 and works(day) and not any(begins < moment <= ends for begins, ends in pauses):
            return moment


# Two hours and one and a half: together half a day to the minute, and a minute less than that.
HALF_A_DAY = [(at("2026-11-17T10:00"), at("2026-11-17T12:00"))]
HALF_A_DAY += [(at("2026-11-18T14:30"), at("2026-11-18T16:00"))]
A_MINUTE_LESS = [HALF_A_DAY[0], (at("2026-11-18T14:30"), at("2026-11-18T15:59"))]


@settings(max_examples=25)
@given(stories())
@example((at("2026-11-16T10:00"), Limit(5, "working_days"), CHINA, HALF_A_DAY))
@example((at("2026-11-16T10:00"), Limit(5, "working_days"), CHINA, A_MINUTE_LESS))
@example((at("2026-11-16T10:00"), Limit(20, "working_hours"), CHINA, HALF_A_DAY))
def test_it_ends_where_counting_minute_by_minute_ends(story):
    start, limit, calendar, pauses = story
    assume(limit.amount and limit.unit not in ("months", "years"))
    due = deadline(start, limit, calendar, pauses=pauses)
    assert due == minute_by_minute(start, limit, calendar, pauses)


@given(stories())
def test_it_never_ends_in_the_minute_in_which_a_pause_ends(story):
    """What was left before a pause, if only an hour of the day, is not gone after it."""
    start, limit, calendar, pauses = story
    # No hours at all end as soon as the office is open and the clock runs.
    assume(pauses and (limit.amount or not limit.unit.endswith("hours")))
    begins, resumed = pauses[-1]
    assert deadline(start, limit, calendar, pauses=pauses) > resumed or begins == resumed


@given(stories(), st.integers(0, 90_000))
def test_it_counts_the_days_as_a_walk_does_and_never_below_zero(story, wait):
    start, limit, calendar, pauses = story
    now = start + wait * MINUTE
    for unit in ("days", "working_days"):
        number = elapsed(start, now, unit, calendar, pauses=pauses)
        assert number == oracle.counted(start, now, unit, calendar, pauses) >= 0
    for unit in set(UNITS) - {"days", "working_days"}:
        assert elapsed(start, now, unit, calendar, pauses=pauses) >= 0


@given(stories(), limits)
def test_it_adds_a_limit_to_a_deadline_as_a_walk_does(story, limit):
    start, first, calendar, pauses = story
    due = deadline(start, first, calendar, pauses=pauses)
    assert after(due, limit, calendar) == oracle.after(due, limit, calendar) >= due


@given(starts, calendars)
def test_it_rings_when_somebody_is_there_to_hear_it(moment, calendar):
    assert calendar.awake_from(moment) == oracle.rings(moment, calendar) >= moment


@given(stories(), limits)
def test_it_warns_between_the_start_and_the_end_whatever_the_pauses(story, warn):
    start, limit, calendar, pauses = story
    due = deadline(start, limit, calendar, pauses=pauses)
    for early in (warn, None):
        assert start <= warn_at(start, due, early, calendar) <= due


@given(stories(), st.integers(1, 20_000))
def test_it_forgets_a_pause_that_began_after_the_end(story, wait):
    """A limit that was made shorter afterwards ended before the pause: it ended then."""
    start, limit, calendar, pauses = story
    due = deadline(start, limit, calendar, pauses=pauses)
    late = (due + wait * MINUTE, due + (wait + 3000) * MINUTE)
    assert deadline(start, limit, calendar, pauses=[*pauses, late]) == due


@pytest.mark.parametrize(
    ("start", "limit", "paused", "resumed", "due"),
    [
        # The last hour of the last day was left, and the office has closed meanwhile.
        ("2026-11-20T09:00", "0 working_days", "20T17:00", "20T19:00", "2026-11-23 18:00"),
        # The pause ends by itself at closing time: the next day is the first to work on.
        ("2026-11-13T09:00", "1 working_days", "16T10:00", "20T18:00", "2026-11-23 18:00"),
        # Resumed on a Saturday; nobody is late on a Saturday.
        ("2026-11-19T09:00", "1 working_days", "20T10:00", "21T09:00", "2026-11-23 18:00"),
        # Begun on a Saturday for the same day, which is Monday, and paused on Monday.
        ("2026-11-14T09:00", "0 working_days", "16T10:00", "17T10:00", "2026-11-17 18:00"),
        # The last day had moved to a Monday on which the clock stood still.
        ("2026-11-12T09:00", "2 days", "15T10:00", "17T10:00", "2026-11-18 00:00"),
    ],
)
def test_it_gives_back_after_a_pause_what_was_left_of_the_last_day(
    start, limit, paused, resumed, due
):
    amount, unit = limit.split()
    pauses = [(at(f"2026-11-{paused}"), at(f"2026-11-{resumed}"))]
    found = deadline(at(start), Limit(int(amount), unit), CHINA, pauses=pauses)
    assert shown(found) == due


@pytest.mark.parametrize("row", rows("工作日", "天、月、年", "小时与工作小时", "暂停"), ids=str)
def test_the_walk_itself_finds_what_was_counted_by_hand(row):
    """The reference is no good if it only repeats what the product believes."""
    start, limit, *pause, due, _how = row
    pauses = spans(*pause) if pause else []
    found = oracle.deadline(on_page(start), limit_of(limit), CHINA, pauses)
    assert found == on_page(due)
