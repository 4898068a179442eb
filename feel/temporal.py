"""Dates, times and durations: their spelling, their parts, their arithmetic.

Years run from 1 to 9999, moments to the microsecond, zones are offsets or IANA names.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from feel.values import NUMBERS, Months, Value, instant

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_TIME = re.compile(
    r"(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?"
    r"(Z|[+-]\d{2}:\d{2}(?::\d{2})?|@[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)*)?",
    re.ASCII,
)
_DURATION = re.compile(
    r"(-?)P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})W)?(?:(\d{1,9})D)?"
    r"(T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,12})(?:\.(\d{1,9}))?S)?)?",
    re.ASCII,
)
_DAY = timedelta(days=1)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def parse_any(text: str) -> Value:
    """Return the date, time, date and time or duration a text spells; None if it spells none."""
    for parse in (parse_date, parse_moment, parse_time, parse_duration):
        value = parse(text)
        if value is not None:
            return value
    return None


def parse_date(text: str) -> date | None:
    found = _DATE.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def parse_time(text: str) -> time | None:
    found = _TIME.fullmatch(text)
    if not found:
        return None
    hour, minute, second, fraction, zone = found.groups()
    try:
        zone_info = _zone(zone)
        micro = int((fraction or "").ljust(6, "0")[:6])
        return time(int(hour), int(minute), int(second or 0), micro, tzinfo=zone_info)
    except (ValueError, KeyError, OSError):
        return None


def parse_moment(text: str) -> datetime | None:
    """Return a date and time; a bare date is not one."""
    head, sign, tail = text.partition("T")
    day, clock = parse_date(head), parse_time(tail) if sign else None
    if day is None or clock is None:
        return None
    return datetime.combine(day, clock)


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text == "Z":
        return UTC
    if text[0] == "@":
        return ZoneInfo(text[1:])
    hours, minutes, *seconds = (int(part) for part in text[1:].split(":"))
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)
    return timezone(-offset if text[0] == "-" else offset)


def parse_duration(text: str) -> timedelta | Months | None:
    found = _DURATION.fullmatch(text)
    if not found or text[-1] in "PT":
        return None
    sign, years, months, weeks, days, _, hours, minutes, seconds, fraction = found.groups()
    factor = -1 if sign else 1
    if years or months:
        if weeks or days or found.group(6):
            return None
        return Months(factor * (int(years or 0) * 12 + int(months or 0)))
    try:
        return factor * timedelta(
            days=int(weeks or 0) * 7 + int(days or 0),
            hours=int(hours or 0),
            minutes=int(minutes or 0),
            seconds=int(seconds or 0),
            microseconds=int((fraction or "").ljust(6, "0")[:6]),
        )
    except OverflowError:
        return None


def spell(value: Value) -> str:
    """Return the ISO spelling that the functions of the same type read back."""
    if isinstance(value, Months):
        return _spell_months(value.months)
    if isinstance(value, timedelta):
        return _spell_duration(value)
    if isinstance(value, datetime):
        return f"{value.date().isoformat()}T{spell(value.timetz())}"
    if isinstance(value, time):
        return value.replace(tzinfo=None).isoformat() + _spell_zone(value)
    return str(value.isoformat())


def _spell_zone(value: time) -> str:
    zone = value.tzinfo
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    offset = value.utcoffset()
    if offset is None:
        return ""
    return "Z" if not offset else value.isoformat()[-6:]


def _spell_months(months: int) -> str:
    years, rest = divmod(abs(months), 12)
    parts = (f"{years}Y" if years else "") + (f"{rest}M" if rest or not years else "")
    return f"{'-' if months < 0 else ''}P{parts}"


def _spell_duration(value: timedelta) -> str:
    sign, value = ("-", -value) if value < timedelta() else ("", value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{fraction}S" if seconds or fraction else ""
    days = f"{value.days}D" if value.days else ""
    if not days and not clock:
        return "PT0S"
    return f"{sign}P{days}{'T' + clock if clock else ''}"


def add_months(day: date, months: int) -> date | None:
    """Return the corresponding day of a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))


def last_day(day: date) -> date:
    """Return the last day of the same month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def add(left: Value, right: Value) -> Value:
    """Sum of two values of which at least one is temporal; None where FEEL defines none."""
    if isinstance(left, (timedelta, Months)) and not isinstance(right, (timedelta, Months)):
        left, right = right, left
    if isinstance(right, Months):
        if isinstance(left, Months):
            return Months(left.months + right.months)
        return add_months(left, right.months) if isinstance(left, date) else None
    if not isinstance(right, timedelta):
        return None
    if isinstance(left, time):
        return _turn_clock(left, right)
    if type(left) is date:
        # A date counts as its midnight; only whole days are left of the sum.
        return (datetime.combine(left, time()) + right).date()
    if isinstance(left, datetime) and left.tzinfo is not None:
        # Hours that have passed, also where the clocks of the zone are changed meanwhile.
        return (left.astimezone(UTC) + right).astimezone(left.tzinfo)
    if isinstance(left, (datetime, timedelta)):
        return left + right
    return None


def _turn_clock(clock: time, by: timedelta) -> time:
    moment = datetime.combine(date(2000, 1, 2), clock.replace(tzinfo=None)) + (by % _DAY)
    return moment.time().replace(tzinfo=clock.tzinfo)


def subtract(left: Value, right: Value) -> Value:
    """Difference of two temporal values; None where FEEL defines none."""
    if isinstance(right, Months):
        return add(left, Months(-right.months))
    if isinstance(right, timedelta):
        return add(left, -right)
    if isinstance(left, time) and isinstance(right, time):
        return _apart(instant(left), instant(right))
    if isinstance(left, date) and isinstance(right, date):
        return _apart(_moment(left), _moment(right))
    return None


def _moment(value: date) -> datetime:
    whole = value if isinstance(value, datetime) else datetime.combine(value, time(), UTC)
    return instant(whole)


def _apart(left: datetime, right: datetime) -> timedelta | None:
    if (left.tzinfo is None) != (right.tzinfo is None):
        return None
    return left - right


def multiply(duration: Value, factor: int | Decimal) -> Value:
    if isinstance(duration, Months):
        return Months(int(NUMBERS.multiply(duration.months, factor)))
    if isinstance(duration, timedelta):
        micro = NUMBERS.multiply(duration // timedelta(microseconds=1), factor)
        return timedelta(microseconds=int(micro))
    return None


def divide(left: Value, right: Value) -> Value:
    """Duration by number, or by a duration of the same kind."""
    if isinstance(left, Months) and isinstance(right, Months):
        return NUMBERS.divide(left.months, right.months)
    if isinstance(left, timedelta) and isinstance(right, timedelta):
        one = timedelta(microseconds=1)
        return NUMBERS.divide(left // one, right // one)
    return _share(left, right) if isinstance(right, (int, Decimal)) else None


def _share(duration: Value, number: int | Decimal) -> Value:
    if isinstance(duration, Months):
        return Months(int(NUMBERS.divide(duration.months, number)))
    if isinstance(duration, timedelta):
        micro = NUMBERS.divide(duration // timedelta(microseconds=1), number)
        return timedelta(microseconds=int(micro))
    return None


def months_between(start: date, end: date) -> Months | None:
    """Whole months from the day of start to that of end, towards zero.

    Of two moments with zones, the days of the first one's zone count; None where only one
    of two moments has a zone. A bare date stands for that day, whatever the other has.
    """
    if isinstance(start, datetime) and isinstance(end, datetime):
        if (start.tzinfo is None) != (end.tzinfo is None):
            return None
        end = _in_zone(end, start.tzinfo)
    return Months(_months_apart(day_of(start), day_of(end)))


def _in_zone(moment: datetime, zone: tzinfo | None) -> datetime:
    try:
        return moment.astimezone(zone) if zone else moment
    except OverflowError:
        # The other zone's day lies beyond the calendar.
        return moment


def _months_apart(start: date, end: date) -> int:
    if end < start:
        return -_months_apart(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - 1 if end.day < start.day else months


def day_of(value: date) -> date:
    """Return the day of a date, or of a date and time, as a plain date."""
    return date(value.year, value.month, value.day)


def part(value: Value, key: str) -> tuple[bool, Value]:
    """Return whether the temporal value has this property, and the property."""
    reader = _PARTS.get(type(value), {}).get(key)
    return (False, None) if reader is None else (True, reader(value))


def _offset(value: datetime | time) -> timedelta | None:
    return value.utcoffset()


def _zone_name(value: datetime | time) -> str | None:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _whole(value: timedelta, unit: int) -> int:
    """Truncated towards zero, the way durations are written."""
    seconds = abs(value) // timedelta(seconds=1)
    return (seconds // unit) * (-1 if value < timedelta() else 1)


def _cut(number: int, modulus: int) -> int:
    return abs(number) % modulus * (-1 if number < 0 else 1)


_DATE_PARTS = {
    "year": lambda v: v.year,
    "month": lambda v: v.month,
    "day": lambda v: v.day,
    "weekday": lambda v: v.isoweekday(),
}
_TIME_PARTS = {
    "hour": lambda v: v.hour,
    "minute": lambda v: v.minute,
    "second": lambda v: v.second,
    "time offset": _offset,
    "timezone": _zone_name,
}
_PARTS: dict[type, dict[str, Value]] = {
    date: _DATE_PARTS,
    time: _TIME_PARTS,
    datetime: {**_DATE_PARTS, **_TIME_PARTS},
    timedelta: {
        "days": lambda v: _whole(v, 86400),
        "hours": lambda v: _cut(_whole(v, 3600), 24),
        "minutes": lambda v: _cut(_whole(v, 60), 60),
        "seconds": lambda v: _cut(_whole(v, 1), 60),
    },
    Months: {
        "years": lambda v: int(v.months / 12),
        "months": lambda v: _cut(v.months, 12),
    },
}
