"""Times of day and lengths of time as people type them, read into ISO 8601."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Any

from feel import Text
from feel.temporal import parse_duration, spell
from forms.characters import half_width
from forms.findings import WrongAnswer

# Nobody asks for more than ten years by the minute.
LONGEST = timedelta(days=3660)
_CLOCK = re.compile(
    r"(?P<half>上午|下午|早上|晚上|中午|凌晨)?\s*(?P<hour>[0-9]{1,2})\s*[:时点]\s*"
    r"(?:(?P<minute>[0-9]{1,2})\s*(?:分|:[0-9]{2}(?:\.[0-9]+)?)?)?\s*(?P<end>am|pm)?",
    re.IGNORECASE,
)
_LATE = frozenset({"下午", "晚上", "pm"})
_PART = re.compile(
    r"\s*(?P<count>[0-9]{1,7})\s*"
    r"(?:(?P<weeks>周|星期|个星期|weeks?|w)|(?P<days>天|日|days?|d)"
    r"|(?P<hours>个?小时|时|hours?|h)|(?P<minutes>分钟|分|minutes?|mins?|m)|(?P<seconds>秒|seconds?|s))",
    re.IGNORECASE,
)
_UNITS = ("weeks", "days", "hours", "minutes", "seconds")


def read_time(value: Any) -> str:
    """Return a time of day as `HH:MM`. Raises WrongAnswer for one that no clock shows.

    Accepts 16:05, 16：05, 16时5分, 9点, 下午4点, 4:05 PM.
    """
    if isinstance(value, time):
        value = value.isoformat()
    text = half_width(value) if isinstance(value, str) and len(value) <= 50 else ""
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise WrongAnswer("请填写时间，例如 16:05", "please give a time of day, such as 16:05")
    hour, half = int(found["hour"]), (found["half"] or found["end"] or "").lower()
    if half in _LATE and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    try:
        return time(hour, int(found["minute"] or 0)).isoformat(timespec="minutes")
    except ValueError:
        raise WrongAnswer("没有这个时间", "there is no such time") from None


def read_duration(value: Any) -> str:
    """Return a length of time in ISO 8601, such as `P2DT3H`. Raises WrongAnswer.

    Accepts 2天3小时, 90分钟, 1周, 2 d 3 h, P2DT3H. A month is refused: none is as long as the next.
    """
    length = value if isinstance(value, timedelta) else _length(value)
    if length is None or length < timedelta(0):
        raise WrongAnswer(
            "请填写时长并写明单位（天、小时、分钟），例如 2天3小时",
            "please give a length of time with its units (days, hours, minutes), such as 2 d 3 h",
        )
    if length > LONGEST:
        raise WrongAnswer("时长太长了，最多十年", "too long; at most ten years")
    return spell(length)


def length_of(text: str) -> timedelta:
    """Return a length of time as `read_duration` gives it."""
    length = parse_duration(text)
    assert isinstance(length, timedelta)
    return length


def duration_words(text: str, locale: object) -> str:
    """Return a length of time in words that can be read again."""
    rest = length_of(text)
    said = []
    for size, words in (
        (timedelta(days=1), Text("天", " d")),
        (timedelta(hours=1), Text("小时", " h")),
        (timedelta(minutes=1), Text("分钟", " min")),
        (timedelta(seconds=1), Text("秒", " s")),
    ):
        count, rest = divmod(rest, size)
        if count:
            said.append(f"{count}{words.to(locale)}")
    return Text("", " ").to(locale).join(said) or Text("0分钟", "0 min").to(locale)


def _length(value: Any) -> timedelta | None:
    text = half_width(value).strip() if isinstance(value, str) and len(value) <= 50 else ""
    if text[:1].upper() == "P":
        found = parse_duration(text.upper())
        return found if isinstance(found, timedelta) else None
    at, parts = 0, dict.fromkeys(_UNITS, 0)
    last = -1
    while part := _PART.match(text, at):
        unit = next(name for name in _UNITS if part[name])
        if _UNITS.index(unit) <= last:
            return None
        last, parts[unit], at = _UNITS.index(unit), int(part["count"]), part.end()
    if not at or text[at:].strip():
        return None
    try:
        return timedelta(**parts)
    except OverflowError:
        return LONGEST * 2
