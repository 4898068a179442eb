"""Dates and times as people type them, read into ISO 8601."""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from forms.characters import half_width
from forms.findings import WrongAnswer

SHANGHAI = ZoneInfo("Asia/Shanghai")
_DATE = re.compile(r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?")
_PACKED = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_CLOCK = re.compile(
    r"([0-9]{1,2})\s*[:时点]\s*(?:([0-9]{1,2})\s*(?:分|:[0-9]{2}(?:\.[0-9]+)?)?)?"
    r"\s*(Z|[+-][0-9]{2}:?[0-9]{2})?"
)


def read_date(value: Any) -> str:
    """Return a date as `YYYY-MM-DD`. Raises WrongAnswer for a day that does not exist.

    Accepts 2026-11-22, 2026/11/22, 2026.11.22, 20261122, 2026年11月22日, full-width too.
    """
    text = _as_text(value)
    match = _DATE.fullmatch(text) or _PACKED.fullmatch(text)
    if not match:
        raise WrongAnswer("请填写日期，例如 2026-11-22", "please give a date, such as 2026-11-22")
    return _day(match).isoformat()


def read_datetime(value: Any, zone: tzinfo = SHANGHAI) -> str:
    """Return a date and time of day as `YYYY-MM-DDTHH:MM` on the clocks of `zone`.

    A moment that names its offset is brought to the zone. Raises WrongAnswer as `read_date`.
    """
    text = _as_text(value)
    match = _DATE.match(text) or _PACKED.match(text)
    clock = match and _CLOCK.fullmatch(text[match.end() :].lstrip(" \t\nT"))
    if not match or not clock:
        raise WrongAnswer(
            "请填写日期和时间，例如 2026-11-22 16:00",
            "please give a date and a time, such as 2026-11-22 16:00",
        )
    day = _day(match)
    try:
        moment = datetime(day.year, day.month, day.day, int(clock[1]), int(clock[2] or 0))
        if clock[3]:
            offset = datetime.strptime(clock[3].replace(":", ""), "%z").tzinfo
            moment = moment.replace(tzinfo=offset).astimezone(zone).replace(tzinfo=None)
            _check_year(moment.year)
    except (ValueError, OverflowError):
        raise WrongAnswer("没有这个时间", "there is no such time") from None
    return moment.isoformat(timespec="minutes")


def _as_text(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if not isinstance(value, str) or len(value) > 100:
        raise WrongAnswer("请填写日期，例如 2026-11-22", "please give a date, such as 2026-11-22")
    return half_width(value)


def _day(match: re.Match[str]) -> date:
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise WrongAnswer("日历上没有这一天", "there is no such day in the calendar") from None
    _check_year(day.year)
    return day


def _check_year(year: int) -> None:
    if not 1800 <= year <= 2200:
        raise WrongAnswer("年份应在 1800 至 2200 之间", "the year must lie between 1800 and 2200")
