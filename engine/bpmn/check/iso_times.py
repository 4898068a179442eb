"""Times of ISO 8601 that are not read as they stand: how to write them here, or why nobody can.

The standard knows more than timers need: decimals in any part, periods, days of the year, times
without separators, cycles without end as ``R-1``. Each of these has an equal that is read, or a
reason why there is none.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Final

from engine.bpmn.schedule import parse_time
from feel.text import Text

_PART = re.compile(r"(\d+(?:[.,]\d+)?)([YMWDHS]|$)")
_DURATION = re.compile(r"[+-]?P[\dYMWDTHS.,+-]*")
_DATED = re.compile(r"P(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(\d\d))?")
_ROUNDS = re.compile(r"R(-1|[-*∞]|\d*)/?(?=[/P\d])(.+?)/?")
_NUMBER = re.compile(r"R\d+[.,]\d+/.*")
_DAY = re.compile(
    r"[+-]?0*(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d\d)(\d\d))"
    r"(?:[T ]?(\d{1,2})(?::|时|点)?(?:(\d\d)分?)?(?::?(\d\d)(?:[.,]\d+)?秒?)?"
    r"(Z|[+-]\d\d:?(?:\d\d)?)?)?"
)
_OF_YEAR = re.compile(r"(\d{4})-?(\d{3})")
_OF_WEEK = re.compile(r"(\d{4})-?W(\d\d)(?:-?([1-7]))?")
_MINUTE, _HOUR, _DAY_SECONDS = 60, 3600, 86_400
# In which order the parts of a duration stand, with the seconds that pass in each.
_SECONDS: Final = {"W": 7 * _DAY_SECONDS, "D": _DAY_SECONDS, "H": _HOUR, "M": _MINUTE, "S": 1}

NOTHING = Text(
    "时间长度要大于零。",
    "A duration must be longer than nothing.",
)
NO_ROUNDS = Text(
    "R0 表示一次也不触发。写出次数，例如 R3；不限次数写 R。",
    "R0 means that it never fires. Write how often, such as R3; without a limit write R.",
)
WHOLE_ROUNDS = Text("次数要写整数，例如 R3。", "Rounds are a whole number, such as R3.")
MANY_ROUNDS = Text(
    "次数最多六位；不限次数写 R。", "Rounds have six digits at most; without a limit write R."
)
MONTHS = Text(
    "月的长短不一，没有半个月、零点几个月的写法；写成天，例如 P15D。",
    "Months differ in length, so there are no parts of months; write days, such as P15D.",
)
NO_UNIT = Text(
    "数字后面缺少单位：Y 年、M 月、W 周、D 天；T 之后 H 小时、M 分、S 秒。例如 P12D、PT30M。",
    "A number lacks its unit: Y years, M months, W weeks, D days; after T H hours, M minutes, "
    "S seconds. For instance P12D, PT30M.",
)
TOO_LONG = Text(
    "时间太长，定时最多几十年。", "That is too long: timers wait for some decades at most."
)
PERIOD = Text(
    "这是一段时期，有开始也有结束；定时只要一个时刻，写开始或者结束，例如 2026-12-01T09:00。",
    "This is a period with a beginning and an end; a timer wants one moment. Write either of "
    "them, such as 2026-12-01T09:00.",
)
NO_INTERVAL = Text(
    "循环缺少间隔，例如 R3/P1D（每天一次，共三次）。",
    "The cycle lacks its interval, such as R3/P1D (daily, three times).",
)
TWO_INTERVALS = Text(
    "循环里有两个时间长度。写成“R次数/开始/间隔”，例如 R3/2026-12-01T09:00/PT1H。",
    "The cycle has two durations. Write R, rounds, start and interval, such as "
    "R3/2026-12-01T09:00/PT1H.",
)
NO_SUCH_DAY = Text("没有这一天或这个时刻。", "There is no such day or time.")
NO_DAY = Text("缺少月、日，例如 2026-12-01。", "Month and day are missing, such as 2026-12-01.")
NO_DATE = Text(
    "只有钟点，没有日期。写日期和钟点，例如 2026-12-01T09:00；每天到点的写循环 "
    "R/2026-01-05T09:00/P1D。",
    "This is a time of day without a date. Write both, such as 2026-12-01T09:00; for every day "
    "write a cycle, R/2026-01-05T09:00/P1D.",
)
NO_YEAR = Text(
    "缺少年份。写 2026-12-01；每年一次的写循环 R/2026-12-01T00:00/P1Y。",
    "The year is missing. Write 2026-12-01; for every year write a cycle, R/2026-12-01T00:00/P1Y.",
)


class _NoEqualError(ValueError):
    """There is no other spelling, and why."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


@dataclass
class _LengthOfTime:
    """What a duration says: months, and seconds with what passes in days, exactly."""

    months: Fraction = Fraction(0)
    days: int = 0
    seconds: Fraction = Fraction(0)

    def add(self, number: str, unit: str, *, clock: bool) -> None:
        amount = Fraction(number.replace(",", "."))
        if unit in "YM" and not clock:
            self.months += amount * (12 if unit == "Y" else 1)
        elif unit in "WD" and (amount * _SECONDS[unit] // _DAY_SECONDS).denominator == 1:
            whole, rest = divmod(amount * _SECONDS[unit], _DAY_SECONDS)
            self.days += int(whole)
            self.seconds += rest
        else:
            self.seconds += amount * _SECONDS[unit]

    def text(self) -> str:
        """Return it as it is read; raises _NoEqualError."""
        if self.months.denominator != 1:
            raise _NoEqualError(MONTHS)
        years, months = divmod(int(self.months), 12)
        days, seconds = self.days, int(self.seconds)
        if days and seconds >= _DAY_SECONDS or seconds >= 100 * _DAY_SECONDS:
            days, seconds = days + seconds // _DAY_SECONDS, seconds % _DAY_SECONDS
        hours, seconds = divmod(seconds, _HOUR)
        minutes, seconds = divmod(seconds, _MINUTE)
        if not any((years, months, days, hours, minutes, seconds)):
            raise _NoEqualError(NOTHING)
        if max(years, months, days) >= 10**6:
            raise _NoEqualError(TOO_LONG)
        calendar = _joined((years, "Y"), (months, "M"), (days, "D"))
        clock = _joined((hours, "H"), (minutes, "M"), (seconds, "S"))
        return f"P{calendar}" + (f"T{clock}" if clock else "")


def spelled(source: str) -> str:
    """Return how a time is written that is not read as it stands; nothing where it cannot be."""
    found = complete(source)
    return found if found and _is_read(found) else ""


def complete(source: str) -> str:
    """Return the same with each part as it is read, though the order may not be."""
    try:
        return _equal(_plain(source))
    except (ValueError, OverflowError):
        return ""


def reason(source: str) -> Text | None:
    """Return why a time of ISO 8601 can be written in no way; None where it can, or is none."""
    try:
        found = _equal(_plain(source))
    except _NoEqualError as fault:
        return fault.why
    except (ValueError, OverflowError):
        return NO_SUCH_DAY
    with_end = re.fullmatch(r"R\d*/P[^/]+/[^/]+", found)
    return None if not found or with_end or _is_read(found) else NO_SUCH_DAY


def _plain(source: str) -> str:
    text = unicodedata.normalize("NFKC", source).strip("\"'“”。,; \n\t")
    return text.upper()


def _equal(text: str) -> str:
    """Return the same in the spelling that is read; nothing for what is no such time."""
    if _NUMBER.fullmatch(text):
        raise _NoEqualError(WHOLE_ROUNDS)
    if re.fullmatch(r"R\d*/?", text) and text != "R":
        raise _NoEqualError(NO_INTERVAL)
    rounds = _ROUNDS.fullmatch(text)
    if rounds:
        return _cycle(rounds[1], [part for part in rounds[2].split("/") if part])
    if "/" in text and re.fullmatch(r"(P[^/]+|\d{4}[^/]+)/(P[^/]+|\d{4}-[^/]+|\d{8}.*)", text):
        raise _NoEqualError(PERIOD)
    if text.startswith(("P", "-P", "+P")):
        return _length(text)
    return _moment(text)


def _cycle(count: str, parts: list[str]) -> str:
    if count.isdigit() and int(count) == 0:
        raise _NoEqualError(NO_ROUNDS)
    if len(count) > 6:
        raise _NoEqualError(MANY_ROUNDS)
    times = count if count.isdigit() else ""
    lengths = [part for part in parts if part.startswith("P")]
    moments = [part for part in parts if not part.startswith("P")]
    if len(lengths) > 1:
        raise _NoEqualError(TWO_INTERVALS)
    if len(lengths) == 1 and not moments:
        return f"R{times}/{_read_or(lengths[0], _length)}"
    if len(lengths) == 1 and len(moments) == 1:
        every, start = _read_or(lengths[0], _length), _read_or(moments[0], _moment)
        if parts[0] == lengths[0]:
            # With its end: the first of the rounds is calculated elsewhere, from this spelling.
            return "" if not start else f"R{times}/{every}/{start}"
        return f"R{times}/{start}/{every}" if start else ""
    if len(moments) == 2 and not lengths:
        return _between(times, [_read_or(one, _moment) for one in moments])
    if len(moments) == 1 and re.fullmatch(r"\d+[YMWDHS]", moments[0]):
        return f"R{times}/{_length('P' + moments[0])}"
    raise _NoEqualError(NO_INTERVAL)


def _between(times: str, moments: list[str]) -> str:
    """A cycle by its start and the end of its first round."""
    begins, ends = (datetime.fromisoformat(one) for one in moments)
    length = _LengthOfTime(days=(ends - begins).days, seconds=Fraction((ends - begins).seconds))
    if ends <= begins:
        raise _NoEqualError(NOTHING)
    return f"R{times}/{moments[0]}/{length.text()}"


def _read_or(text: str, equal: object) -> str:
    if _is_read(text):
        return text
    assert callable(equal)
    found: str = equal(text)
    return found


def _length(text: str) -> str:
    dated = _DATED.fullmatch(text)
    if dated:
        years, months, days, *clock = (int(part or 0) for part in dated.groups())
        found = _LengthOfTime(Fraction(years * 12 + months), days)
        for unit, number in zip("HMS", clock, strict=True):
            found.add(str(number), unit, clock=True)
        return found.text()
    if _DURATION.fullmatch(text) is None:
        return ""
    found, clock_part, last = _LengthOfTime(), False, ""
    body = re.sub(r"[+-]", "", text).removeprefix("P")
    if not re.search(r"\d", body):
        raise _NoEqualError(NOTHING)
    for one in re.finditer(r"T|" + _PART.pattern, body):
        if one[0] == "T":
            clock_part = True
            continue
        unit = one[2] or {"H": "M", "M": "S", "D": "H"}.get(last if clock_part else "", "")
        if not unit:
            raise _NoEqualError(NO_UNIT)
        # A T was left out: hours and seconds want one, and so do minutes after days or hours.
        clock_part = clock_part or unit in "HS" or (unit == "M" and last == "D")
        found.add(one[1], unit, clock=clock_part)
        last = unit
    return found.text()


def _moment(text: str) -> str:
    if re.fullmatch(r"T?\d\d?:\d\d(:\d\d)?", text):
        raise _NoEqualError(NO_DATE)
    if re.fullmatch(r"--\d\d-?\d\d.*", text):
        raise _NoEqualError(NO_YEAR)
    if re.fullmatch(r"\d{4}(-\d\d)?", text):
        raise _NoEqualError(NO_DAY)
    of_year, of_week = _OF_YEAR.fullmatch(text), _OF_WEEK.fullmatch(text)
    if of_week:
        return date.fromisocalendar(*(int(part or 1) for part in of_week.groups())).isoformat()
    if of_year:
        day = date(int(of_year[1]), 1, 1) + timedelta(days=int(of_year[2]) - 1)
        if day.year != int(of_year[1]):
            raise _NoEqualError(NO_SUCH_DAY)
        return day.isoformat()
    found = _DAY.fullmatch(text)
    if found is None:
        return ""
    year, month, day_of, *rest = found.groups()
    day = date(int(year), int(month or rest[0]), int(day_of or rest[1]))
    return _with_clock(day, *rest[2:])


def _with_clock(
    day: date, hour: str | None, minute: str | None, second: str | None, zone: str | None
) -> str:
    if hour is None:
        return day.isoformat()
    hours, minutes, seconds = int(hour), int(minute or 0), int(second or 0)
    # 24:00 is 00:00 of the next day, and a leap second the beginning of the next minute.
    if hours == 24 and (minutes or seconds) or hours > 24 or minutes > 59 or seconds > 60:
        raise _NoEqualError(NO_SUCH_DAY)
    moment = datetime(day.year, day.month, day.day) + timedelta(
        hours=hours, minutes=minutes, seconds=seconds
    )
    offset = (
        "" if zone is None else "Z" if zone == "Z" else f"{zone[:3]}:{zone[3:].strip(':') or '00'}"
    )
    return f"{moment:%Y-%m-%dT%H:%M}" + (f":{moment:%S}" if moment.second else "") + offset


def _joined(*parts: tuple[int, str]) -> str:
    return "".join(f"{number}{unit}" for number, unit in parts if number)


def _is_read(text: str) -> bool:
    try:
        parse_time(text)
    except (ValueError, OverflowError):
        return False
    return True
