"""How late something is, in the unit of its limit."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from engine.worktime import late_text, published_calendar

CHINA = published_calendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("due", "now", "unit", "told"),
    [
        ("2026-11-20 18:00", "2026-11-24 09:00", "working_days", "超期 2 个工作日"),
        ("2026-11-20 18:00", "2026-11-22 09:00", "working_days", None),
        ("2026-09-30 18:00", "2026-10-08 09:00", "working_days", "超期 1 个工作日"),
        ("2026-11-20 17:00", "2026-11-23 10:30", "working_hours", "超期 3 个工作小时"),
        ("2026-11-20 17:00", "2026-11-20 17:59", "working_hours", None),
        ("2026-11-21 00:00", "2026-11-23 09:00", "days", "超期 3 天"),
        ("2026-11-20 17:00", "2026-11-23 10:30", "hours", None),
    ],
)
def test_it_tells_in_the_unit_of_the_limit(due: str, now: str, unit: str, told: str | None) -> None:
    text = late_text(at(now), at(due), unit, CHINA)
    assert (None if text is None else text.zh) == told
