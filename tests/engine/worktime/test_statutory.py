"""Holidays that need no notice, against every notice since 2004; and rules as people type them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.worktime import (
    RULES_OF_2025,
    Calendar,
    HolidayRule,
    Limit,
    deadline,
    explain,
    holidays,
    published_calendar,
    published_days,
    published_names,
    published_years,
    rule_of,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = published_calendar()
# Of these each year has one day that the festival itself is.
FESTIVALS = ("清明节", "端午节", "中秋节")
NAMES = {"清明节": "清明", "端午节": "端午", "中秋节": "中秋"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize("year", sorted(year for year in published_years() if year >= 2025))
def test_every_statutory_day_is_off_in_the_notices_since_the_regulation(year):
    notice = published_days(year) or {}
    found = holidays(RULES_OF_2025, year)
    assert len(found) == 13 or "国庆" in "".join(found.values())
    assert [day for day in found if notice.get(day) is not False] == []


@pytest.mark.parametrize("year", sorted(year for year in published_years() if year >= 2008))
def test_lunar_days_and_solar_terms_fall_where_the_notices_have_them(year):
    """The festival's own day lies in the days off that the notice calls by its name."""
    names = published_names(year)
    for day, name in holidays(RULES_OF_2025, year).items():
        if name in FESTIVALS:
            assert not CHINA.is_working(day), (day, name)
            near = {names[one].zh for one in names if abs(one - day) <= timedelta(days=3)}
            assert any(NAMES[name] in one or "国庆" in one for one in near), (day, near)


def test_it_knows_the_year_that_has_no_notice():
    assert holidays(RULES_OF_2025, 2027) == {
        date(2027, 1, 1): "元旦",
        **{date(2027, 2, day): "春节" for day in (5, 6, 7, 8)},
        date(2027, 4, 5): "清明节",
        **{date(2027, 5, day): "劳动节" for day in (1, 2)},
        date(2027, 6, 9): "端午节",
        date(2027, 9, 15): "中秋节",
        **{date(2027, 10, day): "国庆节" for day in (1, 2, 3)},
    }
    assert not CHINA.is_working(date(2027, 2, 5)) and CHINA.is_working(date(2027, 2, 9))
    assert CHINA.is_working(date(2026, 5, 9)), "a published year keeps to its notice"


def test_a_deadline_that_reaches_into_it_says_that_it_is_provisional():
    told = explain(at("2026-12-31 10:00"), Limit(1, "working_days"), CHINA, at("2026-12-31 10:00"))
    assert told.due == at("2027-01-04 18:00") and told.provisional
    assert "法定节日" in told.text.zh and "statutory" in told.text.en


@pytest.mark.parametrize(
    ("now", "missing"),
    [("2026-09-30 12:00", None), ("2026-10-01 00:00", 2027), ("2027-03-01 09:00", 2027)],
)
def test_it_misses_the_notice_from_october_on(now, missing):
    calendar = Calendar(published_years=frozenset({2026}))
    assert calendar.notice_missing(at(now)) == missing


@pytest.mark.parametrize("rule", RULES_OF_2025, ids=lambda rule: rule.name)
def test_it_reads_a_rule_as_it_writes_it(rule):
    assert rule_of(rule.line) == rule
    assert rule_of(f"  {rule.line.replace(' ', '   ')} ") == rule


@pytest.mark.parametrize(
    "line",
    [
        "春节",
        "春节 农历 13-1 1天",
        "立春 节气 立春天 1天",
        "元旦 公历 2-30 1天",
        "元旦 公历 1-1 0天",
        "元旦 公历 1-1 99天",
        "元旦 阴历 1-1 1天",
    ],
)
def test_it_refuses_what_is_no_rule(line):
    with pytest.raises(ValueError):
        rule_of(line)


def test_a_rule_beyond_the_tables_of_the_moon_gives_nothing():
    assert holidays(RULES_OF_2025, 2150) == {}
    assert holidays((HolidayRule("元旦", "公历", "1-1"),), 2030) == {date(2030, 1, 1): "元旦"}


@pytest.mark.parametrize("unit", ["days", "months", "years"])
def test_a_period_in_days_ends_at_the_close_of_business_where_that_is_set(unit):
    """Civil Code, article 203: at 24:00, or when business stops."""
    start = datetime(2026, 11, 16, 2, tzinfo=UTC)
    at_close = Calendar(days=CHINA.days, published_years=published_years(), ends_at_close=True)
    late = deadline(start, Limit(1, unit), CHINA)
    assert deadline(start, Limit(1, unit), at_close) == late - timedelta(hours=6)
    assert "下班时止" in explain(start, Limit(1, unit), at_close, start).text.zh
