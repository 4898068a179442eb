"""Deadlines in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.worktime import (
    Limit,
    duration_text,
    explain,
    limit_text,
    moment_text,
    published_calendar,
    remaining,
    span_text,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = published_calendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("minutes", "zh", "en"),
    [
        (0, "不到 1 分钟", "less than a minute"),
        (1, "1 分", "1 minute"),
        (130, "2 小时 10 分", "2 hours 10 minutes"),
        (24 * 60, "1 天", "1 day"),
        (24 * 60 * 3 + 4 * 60 + 5, "3 天 4 小时", "3 days 4 hours"),
        (-5, "不到 1 分钟", "less than a minute"),
    ],
)
def test_it_says_how_long_something_took(minutes, zh, en):
    text = duration_text(timedelta(minutes=minutes))
    assert (text.zh, text.en) == (zh, en)


def test_it_names_the_year_only_when_it_is_another_one():
    now = at("2026-12-20T10:00")
    assert moment_text(at("2026-12-25T18:00"), now, CHINA).zh == "12月25日 18:00"
    assert moment_text(at("2027-01-04T18:00"), now, CHINA).zh == "2027年1月4日 18:00"
    assert moment_text(at("2027-01-04T18:00"), now, CHINA).en == "4 Jan 2027 18:00"
    assert moment_text(at("2026-12-19T18:00"), now, CHINA).zh == "昨天 18:00"


def test_it_says_midnight_as_the_end_of_a_day_only_for_an_ending():
    now, midnight = at("2026-11-19T10:00"), at("2026-11-20T00:00")
    assert moment_text(midnight, now, CHINA).zh == "今天 24:00"
    assert moment_text(midnight, now, CHINA, ending=False).zh == "明天 00:00"


def test_it_is_overdue_from_the_very_moment_of_the_deadline():
    due = at("2026-11-20T18:00")
    assert not remaining(due - timedelta(seconds=1), due, CHINA).overdue
    assert remaining(due, due, CHINA).overdue
    assert span_text(remaining(due, due, CHINA)).zh == "刚刚超期"
    assert span_text(remaining(due - timedelta(seconds=1), due, CHINA)).zh == "还剩 1 分钟"


def test_it_measures_what_is_left_and_what_is_over():
    span = remaining(at("2026-09-30T09:00"), at("2026-10-09T18:00"), CHINA)
    assert (span.days, span.working_days) == (9, 2)
    late = remaining(at("2026-10-09T18:00"), at("2026-09-30T09:30"), CHINA)
    assert (late.days, late.working_days, late.hours) == (-9, -2, -(9 * 24 + 8))


def test_it_says_a_limit_of_no_days_as_the_same_day():
    assert limit_text(Limit(0, "working_days")).zh == "当日"
    assert limit_text(Limit(1, "months")).en == "1 month"
    told = explain(at("2026-11-20T09:00"), Limit(0, "days"), CHINA, at("2026-11-20T09:00"))
    assert "当日" in told.text.zh and "不计入" not in told.text.zh


def test_it_explains_a_moved_last_day_a_pause_and_an_unpublished_year():
    start, now = at("2026-09-24T10:00"), at("2026-09-28T10:00")
    moved = explain(start, Limit(7, "days"), CHINA, now)
    assert "最后一日 10月1日 是休息日" in moved.text.zh and "10月8日 24:00" in moved.text.zh
    assert "its last day, 1 Oct, is a day off" in moved.text.en
    assert (moved.day_number, moved.of) == (4, 7)

    pause = (at("2026-09-24T12:00"), at("2026-09-24T14:30"))
    paused = explain(start, Limit(8, "hours"), CHINA, now, pauses=[pause])
    assert "因暂停 2 小时 30 分 顺延" in paused.text.zh

    later = explain(at("2031-03-03T10:00"), Limit(3, "working_days"), CHINA, now)
    assert later.provisional and "尚未公布" in later.text.zh and "not published" in later.text.en


moments = st.datetimes(datetime(2019, 1, 1), datetime(2026, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=SHANGHAI)
)


@given(moments, moments)
def test_it_always_has_words_that_agree_with_the_clock(now, due):
    span = remaining(now, due, CHINA)
    text = span_text(span)
    assert text.zh.startswith(("超期", "刚刚超期")) == span.overdue
    assert text.en.startswith("overdue") == span.overdue
