"""Dates and times as offices spell them; what has two readings is not read. Pure.

A mapping may name the formats of its file (``MM/DD/YYYY hh:mm:ss AM``); they are tried first, in
their order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from engine.intake.cells import UnreadableCell, plain

# Excel counts days from here, because it believes in 29 February 1900.
EXCEL_EPOCH = date(1899, 12, 30)
EXCEL_DAYS = range(20_000, 80_000)

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = r"(?P<name>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\.?"
_HALF = r"上午|下午|凌晨|早上|中午|晚上|[ap]\.?m\.?"
_CLOCK = (
    r"(?:[T,\s]*(?:(?:星期|周)[一二三四五六日天])?\s*(?P<half>" + _HALF + r")?\s*"
    r"(?P<hour>\d{1,2})\s*(?:[:时点]\s*(?:(?P<minute>\d{1,2})|(?P<thirty>半))?\s*分?"
    r"(?::?\s*(?P<second>\d{1,2})(?:[.,]\d+)?秒?)?|(?=\s*[ap]\.?m))"
    r"\s*(?P<after>[ap]\.?m\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
    r"\s*(?:(?:星期|周)[一二三四五六日天])?"
)
_SHAPES = tuple(
    re.compile(shape + _CLOCK, re.IGNORECASE)
    for shape in (
        r"(?P<year>\d{4})\s*(?P<mark>[-/.年])\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<one>\d{1,2})\s*(?P<mark>[-/.])\s*(?P<two>\d{1,2})\s*(?P=mark)\s*(?P<year>\d{4})",
        r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[-/.\s]*" + _NAME + r"[-/.,\s]*(?P<year>\d{4})",
        _NAME + r"[-/.\s]*(?P<day>\d{1,2})(?:st|nd|rd|th)?[-/.,\s]+(?P<year>\d{4})",
    )
)
_PACKED = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})[T\s]?"
    r"(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?"
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")

# What stands for what in a format that a mapping names; anything else stands for itself.
_TOKENS = {
    "YYYY": r"(?P<year>\d{4})",
    "YY": r"(?P<short>\d{2})",
    "MMM": _NAME,
    "MM": r"(?P<month>\d{1,2})",
    "M": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d{1,2})",
    "D": r"(?P<day>\d{1,2})",
    "hh": r"(?P<hour>\d{1,2})",
    "h": r"(?P<hour>\d{1,2})",
    "mm": r"(?P<minute>\d{1,2})",
    "ss": r"(?P<second>\d{1,2}(?:[.,]\d+)?)",
    "AM": r"(?P<after>" + _HALF + r")",
}
_TOKEN = re.compile("|".join(sorted(_TOKENS, key=len, reverse=True)))

NO_DATE = ("日期无法识别", "no date that can be read")
TWO_READINGS = (
    "日期有两种读法，请在映射文件的 dates 中写明格式",
    "a date that can be read in two ways; name its format as dates in the mapping",
)
NO_SUCH_DAY = ("日历上没有这一天", "there is no such day in the calendar")
NO_SUCH_TIME = ("没有这个时刻", "there is no such time of day")


@dataclass(frozen=True)
class DateReader:
    """How the dates of one file are read."""

    zone: tzinfo
    formats: tuple[re.Pattern[str], ...] = ()

    def readings(self, text: str) -> tuple[datetime, ...]:
        """Return the moments (UTC) that a cell may mean, none for an empty one.

        Two only where clocks were put back or forward, so that an hour occurred twice or never.
        Raises UnreadableCell.
        """
        local = self._local(plain(text))
        if local is None:
            return ()
        if local.tzinfo is not None:
            return (_to_utc(local),)
        both = (_to_utc(local.replace(tzinfo=self.zone, fold=fold)) for fold in (0, 1))
        return tuple(dict.fromkeys(both))

    def moment(self, text: str) -> datetime | None:
        """Return the moment (UTC) that a cell names, None for an empty one.

        Raises UnreadableCell.
        """
        return next(iter(self.readings(text)), None)

    def day(self, text: str) -> str | None:
        """Return the day that a cell names, as YYYY-MM-DD, None for an empty one.

        Raises UnreadableCell.
        """
        found = self.moment(text)
        return found.astimezone(self.zone).date().isoformat() if found is not None else None

    def _local(self, text: str) -> datetime | None:
        if not text:
            return None
        if _SERIAL.fullmatch(text) and int(float(text)) in EXCEL_DAYS:
            whole = datetime.combine(EXCEL_EPOCH, time()) + timedelta(days=float(text))
            # A day's fraction in binary is a second's fraction short or long.
            return (whole + timedelta(milliseconds=500)).replace(microsecond=0)
        for shape in (*self.formats, *_SHAPES, _PACKED):
            found = shape.fullmatch(text)
            if found is not None:
                return _built(found.groupdict())
        raise UnreadableCell(*NO_DATE)


def compiled(formats: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    """Return the patterns of formats such as ``DD.MM.YYYY`` or ``MM/DD/YYYY hh:mm AM``.

    Without a time in it, a format is followed by a time in any usual spelling, or none. Raises
    ValueError for one that does not name year, month and day once each.
    """
    return tuple(_compiled(one) for one in formats)


def _compiled(named: str) -> re.Pattern[str]:
    parts, at = [], 0
    for token in _TOKEN.finditer(named):
        parts += [_literal(named[at : token.start()]), _TOKENS[token[0]]]
        at = token.end()
    body = "".join([*parts, _literal(named[at:])])
    try:
        pattern = re.compile(body, re.IGNORECASE)
    except re.error as error:
        raise ValueError(named) from error
    groups = set(pattern.groupindex)
    if len(groups & {"year", "short"}) != 1 or "day" not in groups:
        raise ValueError(named)
    if len(groups & {"month", "name"}) != 1:
        raise ValueError(named)
    return pattern if "hour" in groups else re.compile(body + _CLOCK, re.IGNORECASE)


def _literal(text: str) -> str:
    return "".join(r"\s*" if one.isspace() else re.escape(one) for one in plain_or_space(text))


def plain_or_space(text: str) -> str:
    """Return the literal part of a format as cells are compared, its spaces kept."""
    return "".join(plain(one) or " " for one in text)


def _built(parts: dict[str, str | None]) -> datetime:
    day = _day(parts)
    seconds = float((parts.get("second") or "0").replace(",", "."))
    minute = 30 if parts.get("thirty") else int(parts.get("minute") or 0)
    hour = _hour(int(parts.get("hour") or 0), parts.get("half") or "", parts.get("after") or "")
    if (hour, minute, seconds) == (24, 0, 0):
        day, hour = day + timedelta(days=1), 0
    try:
        local = datetime.combine(day, time(hour, minute, int(seconds)))
    except ValueError as error:
        raise UnreadableCell(*NO_SUCH_TIME) from error
    zone = (parts.get("zone") or "").upper()
    if not zone:
        return local
    offset = "+00:00" if zone in ("Z", "UTC", "GMT") else zone
    try:
        return datetime.fromisoformat(local.isoformat() + offset)
    except ValueError as error:
        raise UnreadableCell(*NO_SUCH_TIME) from error


def _day(parts: dict[str, str | None]) -> date:
    year = int(parts.get("year") or 0) or 2000 + int(parts.get("short") or 0)
    name = parts.get("name")
    if name:
        pairs = [(MONTHS.index(name[:3].lower()) + 1, int(parts["day"] or 0))]
    elif parts.get("month"):
        pairs = [(int(parts["month"] or 0), int(parts["day"] or 0))]
    else:
        one, two = int(parts["one"] or 0), int(parts["two"] or 0)
        pairs = [(one, two), (two, one)]
    days = {found for month, day in pairs if (found := _date(year, month, day)) is not None}
    if not days:
        raise UnreadableCell(*NO_SUCH_DAY)
    if len(days) > 1:
        raise UnreadableCell(*TWO_READINGS)
    return days.pop()


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _hour(hour: int, before: str, after: str) -> int:
    """Return the hour of 24, from what stands before it (下午) or behind it (PM)."""
    if before and after:
        raise UnreadableCell(*NO_SUCH_TIME)
    half = (before or after).lower().replace(".", "")
    if half in ("上午", "凌晨", "早上", "am"):
        if hour > 12:
            raise UnreadableCell(*NO_SUCH_TIME)
        return hour % 12
    if half in ("下午", "pm"):
        return hour + 12 if hour < 12 else hour
    if half == "中午":
        return hour + 12 if hour < 3 else hour
    if half == "晚上":
        # Twelve at night is the end of one day or the beginning of another.
        if hour == 12:
            raise UnreadableCell(*TWO_READINGS)
        return hour + 12 if hour < 12 else hour
    return hour


def _to_utc(local: datetime) -> datetime:
    try:
        return local.astimezone(UTC)
    except OverflowError as error:
        # 0001-01-01, which stands for nothing in other systems, lies before UTC's first year.
        raise UnreadableCell(*NO_SUCH_DAY) from error
