"""The moments of cycles: counted from the anchor, in local time; dateutil is the reference."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from dateutil.tz import resolve_imaginary
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.recurrence import CalendarSpan
from engine.worktime import Calendar
from tests.engine.bpmn.diagrams import Case, diagram, process, user

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Zones whose clocks are changed, Shanghai's own among them in the years from 1986 to 1991.
ZONES = [SHANGHAI, ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe"), UTC]
NAIVE = st.datetimes(datetime(1985, 1, 1), datetime(2035, 1, 1))


def spans() -> st.SearchStrategy[CalendarSpan]:
    """Months, days and hours, alone and together."""
    return st.builds(
        CalendarSpan,
        st.integers(0, 15),
        st.integers(0, 40),
        st.integers(0, 5_000).map(lambda minutes: timedelta(minutes=minutes)),
    ).filter(bool)


def reference(anchor: datetime, span: CalendarSpan, count: int, zone: Any) -> datetime:
    """The moment by dateutil: the calendar's part in local time, the rest in passed time."""
    local = anchor.astimezone(zone).replace(tzinfo=None)
    local += relativedelta(months=span.months * count)
    local += relativedelta(days=span.days * count)
    if not span.months and not span.days:
        return anchor + span.rest * count
    there = resolve_imaginary(local.replace(tzinfo=zone))
    return there.astimezone(UTC) + span.rest * count


@given(NAIVE, spans(), st.integers(0, 200), st.sampled_from(ZONES))
def test_it_counts_as_dateutil_does(
    local: datetime, span: CalendarSpan, count: int, zone: Any
) -> None:
    anchor = local.replace(tzinfo=zone).astimezone(UTC)

    assert span.after(anchor, zone, count) == reference(anchor, span, count, zone)


@given(NAIVE, spans(), st.timedeltas(timedelta(-100), timedelta(3_000)), st.sampled_from(ZONES))
def test_it_finds_the_next_moment_as_counting_would(
    local: datetime, span: CalendarSpan, gone: timedelta, zone: Any
) -> None:
    anchor = local.replace(tzinfo=zone).astimezone(UTC)
    now = anchor + gone
    found = span.next_after(anchor, now, zone)
    # From well before, so that the counting itself is cheap.
    longest = timedelta(days=span.months * 31 + span.days, hours=25) + span.rest
    count = max(1, int(gone / longest) - 1)
    while reference(anchor, span, count, zone) <= now:
        count += 1

    assert found == reference(anchor, span, count, zone)


def test_it_skips_millions_of_missed_moments_at_once() -> None:
    anchor = datetime(2026, 1, 31, 8, 30, tzinfo=UTC)
    now = anchor + timedelta(days=3_650)

    assert CalendarSpan(rest=timedelta(seconds=1)).next_after(anchor, now, SHANGHAI) == (
        now + timedelta(seconds=1)
    )


def test_it_says_so_beyond_the_calendar() -> None:
    with pytest.raises(OverflowError):
        CalendarSpan(months=12).after(datetime(9999, 6, 1, tzinfo=UTC), SHANGHAI)


def timer(kind: str, text: str) -> str:
    return f"<timerEventDefinition><{kind}>{escape(text)}</{kind}></timerEventDefinition>"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def reminding(cycle: str) -> bytes:
    body = user("work", "remind", "done") + (
        f'<boundaryEvent id="t" attachedToRef="work" cancelActivity="false">'
        f"{timer('timeCycle', cycle)}</boundaryEvent>"
    )
    return diagram(process(body, "work > done\nt > remind"))


def fired(cycle: str, armed: str, count: int) -> list[str]:
    """The local moments of the first firings, each fired when it is due."""
    case = Case(reminding(cycle), now=at(armed), calendar=Calendar()).start()
    found = []
    while case.timers and len(found) < count:
        (due,) = [one.fire_at for one in case.timers.values()]
        found.append(due.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"))
        case.wait(seconds=int((due - case.context.now).total_seconds()))
    return found


@pytest.mark.parametrize(
    ("cycle", "armed", "expected"),
    [
        ("R/P1M", "2026-01-31T10:00",
         ["2026-02-28 10:00", "2026-03-31 10:00", "2026-04-30 10:00", "2026-05-31 10:00"]),
        ("R/P1M", "2027-12-31T00:30",
         ["2028-01-31 00:30", "2028-02-29 00:30", "2028-03-31 00:30"]),
        ("R/P1Y", "2024-02-29T07:00",
         ["2025-02-28 07:00", "2026-02-28 07:00", "2027-02-28 07:00", "2028-02-29 07:00"]),
        # A start that is over keeps its hour, its day of the week and its day of the month.
        ("R/2026-11-01T09:00/P1D", "2026-11-20T14:37",
         ["2026-11-21 09:00", "2026-11-22 09:00", "2026-11-23 09:00"]),
        ("R/2026-11-02T08:30/P1W", "2026-11-20T14:37", ["2026-11-23 08:30", "2026-11-30 08:30"]),
        ("R/2026-01-31T18:00/P1M", "2026-11-20T14:37",
         ["2026-11-30 18:00", "2026-12-31 18:00", "2027-01-31 18:00", "2027-02-28 18:00"]),
        ("R/2026-11-01T09:15/PT2H", "2026-11-20T14:37", ["2026-11-20 15:15", "2026-11-20 17:15"]),
        ("R2/2026-11-01T09:00/P1D", "2026-11-20T14:37", ["2026-11-21 09:00", "2026-11-22 09:00"]),
        ("R2/2026-12-01/P1M", "2026-11-20T14:37", ["2026-12-01 00:00", "2027-01-01 00:00"]),
        ("R/2026-11-20T14:37/P1D", "2026-11-20T14:37", ["2026-11-20 14:37", "2026-11-21 14:37"]),
        # A month is added in local time: at 07:30 in Beijing it is still the day before in UTC.
        ("R/P1M", "2026-03-31T07:30", ["2026-04-30 07:30", "2026-05-31 07:30"]),
    ],
)  # fmt: skip
def test_a_cycle_counts_from_its_anchor_in_local_time(
    cycle: str, armed: str, expected: list[str]
) -> None:
    assert fired(cycle, armed, len(expected)) == expected


def test_missed_months_are_fired_once_and_the_day_stays() -> None:
    case = Case(reminding("R/P1M"), now=at("2026-01-31T10:00"), calendar=Calendar()).start()
    case.wait(days=100)  # 11 May

    assert case.open == ["remind", "work"]
    (due,) = [one.fire_at for one in case.timers.values()]
    assert due == at("2026-05-31T10:00")


def test_a_case_of_before_there_were_anchors_goes_on_from_its_last_moment() -> None:
    case = Case(reminding("R/P1M"), now=at("2026-01-15T10:00"), calendar=Calendar()).start()
    (step,) = case.steps
    old = step.state.replace(f',"from":"{at("2026-01-15T10:00").isoformat()}"', "")
    assert old != step.state
    case.steps = [type(step)(**{**vars(step), "state": old})]
    case.wait(days=31)

    (due,) = [one.fire_at for one in case.timers.values()]
    assert due == at("2026-03-15T10:00")


@pytest.mark.parametrize(
    ("duration", "armed", "expected"),
    [
        ("P1M", "2026-03-31T07:30", "2026-04-30T07:30"),
        ('duration("P1M")', "2026-03-31T07:30", "2026-04-30T07:30"),
        ("P1M", "2026-01-31T23:59", "2026-02-28T23:59"),
        ("P1Y", "2024-02-29T00:10", "2025-02-28T00:10"),
        ("P1M1D", "2026-01-31T00:10", "2026-03-01T00:10"),
        ("P2W", "2026-03-31T07:30", "2026-04-14T07:30"),
        ("PT36H", "2026-03-31T07:30", "2026-04-01T19:30"),
    ],
)
def test_months_and_years_are_added_in_local_time(duration: str, armed: str, expected: str) -> None:
    body = user("work") + (
        f'<intermediateCatchEvent id="t">{timer("timeDuration", duration)}</intermediateCatchEvent>'
    )
    case = Case(diagram(process(body, "t > work")), now=at(armed), calendar=Calendar()).start()

    (due,) = [one.fire_at for one in case.timers.values()]
    assert due == at(expected)


def test_dates_of_forms_are_midnight_in_local_time() -> None:
    body = user("work") + (
        f'<intermediateCatchEvent id="t">{timer("timeDate", "date(2026, 12, 1)")}'
        "</intermediateCatchEvent>"
    )
    now = at("2026-11-20T10:00")
    case = Case(diagram(process(body, "t > work")), now=now, calendar=Calendar()).start()

    (due,) = [one.fire_at for one in case.timers.values()]
    assert due == at("2026-12-01T00:00")
    assert date(2026, 12, 1) == due.astimezone(SHANGHAI).date()
