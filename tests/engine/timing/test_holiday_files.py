"""Holidays as text and as files: typed lines, a year's notice as CSV and as JSON."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from engine.errors import InvalidInput
from engine.timing import holiday_files
from engine.timing.calendar_editing import DayOut
from engine.worktime import published_days
from tests.conftest import SAMPLES

NATIONAL_DAY = DayOut(False, "国庆节")
LINES = "2026-10-01 休 国庆节\n\n2026-10-10 班 国庆节\n2026/5/9，班\n"


def test_it_reads_what_people_type_and_writes_it_again() -> None:
    days = holiday_files.as_lines(LINES)
    assert days == {
        date(2026, 10, 1): NATIONAL_DAY,
        date(2026, 10, 10): DayOut(True, "国庆节"),
        date(2026, 5, 9): DayOut(True),
    }
    assert holiday_files.as_lines(holiday_files.lines(days)) == days


@pytest.mark.parametrize("text", ["2026-02-30 休", "明天 休", "2026-10-01 也许", "2026-10-01"])
def test_it_names_the_line_that_it_does_not_understand(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        holiday_files.as_lines(f"2026-10-02 休\n{text}")
    assert "第 2 行" in refused.value.errors["days"].zh


def test_it_reads_a_notice_as_a_table() -> None:
    notice = holiday_files.from_file((SAMPLES / "holidays/2026.csv").read_bytes())
    assert notice.years == {2026} and len(notice.days) == 6
    assert notice.days[date(2026, 2, 14)] == DayOut(True, "春节")
    assert not notice.days[date(2026, 10, 1)].working


def test_it_reads_the_published_notices_of_every_year(shared: Path) -> None:
    """The file says of each day what the calendar that ships says."""
    content = (shared / "data/holidays/cn_holidays_2019_2026.csv").read_bytes()
    notice = holiday_files.from_file(content)
    assert notice.years == frozenset(range(2019, 2027)) and len(notice.days) > 280
    for year in (2024, 2025, 2026):
        shipped = published_days(year) or {}
        for day, one in notice.days.items():
            if day.year == year and day in shipped:
                assert shipped[day] == one.working, day


def test_it_reads_json_of_a_year_that_reaches_into_another() -> None:
    days = [
        {"name": "元旦", "date": "2026-12-31", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-09", "isOffDay": False},
    ]
    notice = holiday_files.from_file(json.dumps({"year": 2027, "days": days}).encode())
    assert notice.years == {2027} and len(notice.days) == 3
    assert notice.days[date(2027, 1, 9)] == DayOut(True, "元旦")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"date,name\n2027-01-01,x\n",
        b"date,is_off_day\n2027-13-01,1\n",
        b"date,is_off_day\n2027-01-01,maybe\n",
        b"date,is_off_day\n2027-01-01,1\n2027-01-01,0\n",
        b'{"year": 2027}',
        b"[1, 2]",
        b"[]",
    ],
)
def test_it_refuses_a_file_that_says_nothing_clear(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        holiday_files.from_file(content)
