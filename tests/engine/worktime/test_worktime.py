"""The calendar and the deadline rules, against the published years and a slow reference."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.worktime import (
    Calendar,
    Limit,
    after,
    deadline,
    elapsed,
    is_provisional,
    published_calendar,
    published_days,
    published_names,
    warn_at,
)
from tests.conftest import SAMPLES

ROOT = Path(__file__).resolve().parents[3]
SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = published_calendar()
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def shown(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


# A slow, obvious reference: walk day by day and minute by minute.


def open_minute(calendar: Calendar, minute: datetime) -> bool:
    works = calendar.is_working(minute.date())
    return works and any(a <= minute.time() < b for a, b in calendar.sessions)


def walked_working_days(calendar: Calendar, day: date, amount: int) -> date:
    while amount:
        day += DAY
        amount -= calendar.is_working(day)
    return day


def walked_working_hours(calendar: Calendar, start: datetime, amount: int) -> datetime:
    moment, left = start, amount * 60
    while left:
        left -= open_minute(calendar, moment)
        moment += MINUTE
    return moment


def walked_month(day: date, months: int) -> date:
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    wanted = day.day
    while True:
        try:
            return date(year, month, wanted)
        except ValueError:
            wanted -= 1


minutes = st.datetimes(datetime(2018, 12, 1), datetime(2027, 3, 1)).map(
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=SHANGHAI)
)
calendars = st.builds(
    Calendar,
    days=st.dictionaries(st.dates(date(2024, 1, 1), date(2024, 4, 30)), st.booleans(), max_size=60),
    sessions=st.sampled_from(
        [
            ((time(8, 30), time(12)), (time(14, 30), time(18))),
            ((time(9), time(17)),),
            ((time(0), time(8)), (time(8, 1), time(11, 59)), (time(20), time(23, 59))),
        ]
    ),
)
spring = st.datetimes(datetime(2024, 1, 1), datetime(2024, 4, 1)).map(
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=SHANGHAI)
)


@given(spring, st.integers(1, 60), calendars)
def test_it_counts_working_days_as_a_walk_along_the_wall_calendar(start, amount, calendar):
    last = walked_working_days(calendar, start.date(), amount)
    assert deadline(start, Limit(amount, "working_days"), calendar) == calendar.closes(last)


@given(spring, st.integers(1, 40), calendars)
def test_it_counts_office_hours_as_a_walk_along_the_clock(start, amount, calendar):
    expected = walked_working_hours(calendar, start, amount)
    assert deadline(start, Limit(amount, "working_hours"), calendar) == expected


@given(minutes, st.sampled_from(["days", "months", "years"]), st.integers(0, 40))
def test_it_ends_natural_periods_at_midnight_of_a_day_that_is_worked(start, unit, amount):
    steps = {"days": 0, "months": amount, "years": amount * 12}[unit]
    last = walked_month(start.date(), steps)
    for _ in range(amount if unit == "days" else 0):
        last += DAY
    while not CHINA.is_working(last):
        last += DAY
    midnight = datetime.combine(last + DAY, time(0), SHANGHAI)
    assert deadline(start, Limit(amount, unit), CHINA) == midnight


@given(minutes, st.integers(-300, 300))
def test_it_finds_working_days_backwards_and_forwards_alike(start, amount):
    day, step = start.date(), DAY if amount > 0 else -DAY
    expected, left = day, abs(amount)
    while left:
        expected += step
        left -= CHINA.is_working(expected)
    assert CHINA.add_working_days(day, amount) == expected


@given(spring, calendars)
def test_it_finds_the_next_opening_as_a_walk_along_the_clock(moment, calendar):
    expected = moment
    while not open_minute(calendar, expected):
        expected += MINUTE
    assert calendar.open_from(moment) == expected


@settings(max_examples=60)
@given(spring, st.lists(st.integers(1, 900), max_size=6), st.integers(1, 9), calendars)
def test_it_prolongs_working_days_by_the_office_minutes_stopped_counted_one_by_one(
    start, lengths, amount, calendar
):
    """All pauses together, rounded once: half a day or more counts as one."""
    limit = Limit(amount, "working_days")
    unstopped = deadline(start, limit, calendar)
    pauses, moment, stopped = [], start, 0
    for number, length in enumerate(lengths):
        if number % 2 or moment + length * MINUTE >= unstopped:
            moment += length * MINUTE
            continue
        pauses.append((moment, moment + length * MINUTE))
        for _ in range(length):
            stopped += open_minute(calendar, moment)
            moment += MINUTE
    day = sum(
        (end.hour - begin.hour) * 60 + end.minute - begin.minute for begin, end in calendar.sessions
    )
    whole = stopped // day + (2 * (stopped % day) >= day)
    wanted = walked_working_days(calendar, unstopped.astimezone(SHANGHAI).date(), whole)
    assert deadline(start, limit, calendar, pauses=pauses) == calendar.closes(wanted)


@given(spring, st.integers(0, 20_000), st.integers(0, 20_000), st.integers(1, 30), calendars)
def test_it_adds_exactly_the_office_time_that_a_pause_took(start, wait, pause, amount, calendar):
    paused = start + wait * MINUTE
    resumed = paused + pause * MINUTE
    limit = Limit(amount, "working_hours")
    assume(paused < deadline(start, limit, calendar))
    due = deadline(start, limit, calendar, pauses=[(paused, resumed)])
    spent = calendar.office_time(due) - calendar.office_time(start)
    lost = calendar.office_time(resumed) - calendar.office_time(paused)
    assert spent - lost == timedelta(hours=amount)


@given(minutes, st.sampled_from(["working_days", "days"]), st.integers(1, 60))
def test_it_says_on_the_last_day_that_the_whole_limit_is_being_counted(start, unit, amount):
    due = deadline(start, Limit(amount, unit), CHINA)
    assert elapsed(start, due - MINUTE, unit, CHINA) >= amount
    assert elapsed(start, start, unit, CHINA) == 0


@given(minutes, st.sampled_from(["hours", "working_hours", "months", "years"]), st.integers(1, 9))
def test_it_has_counted_the_whole_limit_when_the_deadline_comes(start, unit, amount):
    due = deadline(start, Limit(amount, unit), CHINA)
    assert elapsed(start, due, unit, CHINA) == amount


warnings = st.none() | st.builds(
    Limit, st.integers(0, 9), st.sampled_from(["hours", "working_hours", "working_days", "days"])
)


@given(minutes, st.integers(0, 30), st.sampled_from(["hours", "working_days", "days"]), warnings)
def test_it_warns_between_the_start_and_the_deadline(start, amount, unit, warn):
    due = deadline(start, Limit(amount, unit), CHINA)
    assume(start <= due)
    assert start <= warn_at(start, due, warn, CHINA) <= due


# The published years


def published_rows(path: Path) -> list[tuple[date, bool]]:
    with path.open(encoding="utf-8") as file:
        return [
            (date.fromisoformat(row["date"]), row["is_off_day"] == "0")
            for row in csv.DictReader(file)
        ]


def test_it_agrees_with_some_published_days():
    rows = published_rows(SAMPLES / "holidays/2026.csv")
    assert [CHINA.is_working(day) for day, _ in rows] == [working for _, working in rows]
    assert len(rows) == 6


def test_it_agrees_with_every_published_day_from_2019_to_2026(shared):
    rows = published_rows(shared / "data/holidays/cn_holidays_2019_2026.csv")
    assert [row for row in rows if CHINA.is_working(row[0]) != row[1]] == []

    named = dict(rows)
    day = date(2019, 1, 1)
    while day <= date(2026, 12, 31):
        assert CHINA.is_working(day) == named.get(day, day.weekday() < 5), day
        day += DAY


def test_it_knows_which_years_are_published():
    assert published_days(2031) is None
    assert published_days(2026)[date(2026, 2, 14)] is True
    assert published_days(2026)[date(2026, 2, 17)] is False
    assert published_names(2026)[date(2026, 2, 14)].zh == "春节"
    assert CHINA.provisional(2031) and not CHINA.provisional(2026)
    assert is_provisional(at("2026-12-31T10:00"), at("2031-01-04T18:00"), CHINA)
    # 24:00 of 31 December belongs to the published year.
    assert not is_provisional(at("2025-12-30T10:00"), at("2026-01-01T00:00"), CHINA)


# Edges


def test_it_reads_one_day_as_a_day_and_never_as_24_hours():
    friday = at("2026-11-20T16:00")
    assert shown(deadline(friday, Limit(24, "hours"), CHINA)) == "2026-11-21 16:00"
    assert shown(deadline(friday, Limit(1, "days"), CHINA)) == "2026-11-24 00:00"
    assert shown(deadline(friday, Limit(1, "working_days"), CHINA)) == "2026-11-23 18:00"
    assert shown(deadline(friday, Limit(7, "working_hours"), CHINA)) == "2026-11-23 16:00"


def test_it_closes_a_limit_at_closing_time_and_not_at_the_next_opening():
    morning = at("2026-11-23T08:30")
    assert shown(deadline(morning, Limit(7, "working_hours"), CHINA)) == "2026-11-23 18:00"


def test_it_reads_no_days_as_the_same_day_or_the_next_one_that_is_worked():
    same_day = Limit(0, "working_days")
    assert shown(deadline(at("2026-11-20T17:59"), same_day, CHINA)) == "2026-11-20 18:00"
    assert shown(deadline(at("2026-11-20T18:00"), same_day, CHINA)) == "2026-11-23 18:00"
    assert shown(deadline(at("2026-11-21T09:00"), same_day, CHINA)) == "2026-11-23 18:00"


def test_it_takes_the_day_from_the_office_and_not_from_greenwich():
    evening_in_utc = datetime(2026, 11, 19, 23, 0, tzinfo=UTC)  # Friday 07:00 in Shanghai
    due = deadline(evening_in_utc, Limit(1, "working_days"), CHINA)
    assert due == at("2026-11-23T18:00")
    assert due.tzinfo is UTC


def test_it_counts_the_day_after_a_deadline_at_midnight_from_the_day_it_ended():
    midnight = deadline(at("2026-11-16T10:00"), Limit(3, "days"), CHINA)
    assert shown(midnight) == "2026-11-20 00:00"
    # The last day is Thursday the 19th, so the next working day is Friday the 20th.
    assert shown(after(midnight, Limit(1, "working_days"), CHINA)) == "2026-11-20 18:00"
    assert shown(after(midnight, Limit(2, "hours"), CHINA)) == "2026-11-20 02:00"


def test_it_counts_overlapping_pauses_once_and_forgets_those_before_the_start():
    start = at("2026-11-16T10:00")
    pauses = [
        (at("2026-11-10T09:00"), at("2026-11-12T09:00")),
        (at("2026-11-17T09:00"), at("2026-11-19T09:00")),
        (at("2026-11-17T10:00"), at("2026-11-18T08:00")),
    ]
    due = deadline(start, Limit(3, "working_days"), CHINA, pauses=pauses)
    assert shown(due) == "2026-11-23 18:00"
    assert elapsed(start, at("2026-11-20T09:00"), "working_days", CHINA, pauses=pauses) == 2


def test_it_warns_on_the_morning_of_an_earlier_working_day():
    start, due = at("2026-09-28T10:00"), at("2026-10-09T18:00")
    warned = warn_at(start, due, Limit(2, "working_days"), CHINA)
    assert shown(warned) == "2026-09-30 08:30"
    assert shown(warn_at(start, due, Limit(3, "hours"), CHINA)) == "2026-10-09 15:00"
    assert shown(warn_at(start, due, Limit(4, "days"), CHINA)) == "2026-09-30 08:30"
    assert shown(warn_at(start, due, None, CHINA)) == "2026-10-09 08:30"


@pytest.mark.parametrize(
    ("amount", "unit"),
    [(1, "fortnights"), (-1, "days"), (101, "years"), (True, "days"), (1.5, "days")],
)
def test_it_refuses_a_limit_that_nobody_can_mean(amount, unit):
    with pytest.raises(ValueError):
        Limit(amount, unit)


def test_it_refuses_what_cannot_be_reckoned():
    with pytest.raises(ValueError, match="time zone"):
        deadline(datetime(2026, 1, 1), Limit(1, "days"), CHINA)
    for unit in ("hours", "working_hours", "working_days", "days", "months"):
        with pytest.raises(ValueError):
            deadline(at("9999-12-30T10:00"), Limit(1000, unit), CHINA)
    with pytest.raises(ValueError, match="office hours"):
        Calendar(sessions=((time(14), time(18)), (time(8), time(12))))
