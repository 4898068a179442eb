"""What was meant by a time that cannot be read: the right spelling of wrong and foreign ones."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from engine.bpmn.check import iso_times
from engine.bpmn.recurrence import CalendarSpan
from engine.bpmn.schedule import parse_time

_LOCAL: Final = ZoneInfo("Asia/Shanghai")
_ZONED = re.compile(
    r"(\d{4}-[\d-]+T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)(?:\[([\w/+-]+)\]|@(\w+(?:/[A-Za-z_+-]+)*)(?=/P|$))"
)
_UNTIL = re.compile(r"R(\d*)/(P[^/]+)/(\d{4}-[^/]+)")
# A Monday, 1 January being no anchor for the days of the week: past anchors keep day and hour.
_MONDAY: Final = 5
_CRON_FIELD = re.compile(r"[\d*/,\-?#LW]+|[\d,\-]*(?:[A-Z]{3}(?:[,\-][A-Z]{3})*)", re.IGNORECASE)
_WEEKDAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_MACROS: Final = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


def propose(source: str) -> str:
    """Return what was probably meant by a time that cannot be read, or nothing."""
    plain = source.strip("\"'“” \n\t")
    unzoned = _without_zone(plain)
    whole = iso_times.complete(unzoned or plain)
    for better in (unzoned, _from_start(whole or plain), _cycle_of(plain), whole):
        if better and _reads(better):
            return better
    return "" if iso_times.reason(plain) else _of_words(source)


def has_end(source: str) -> bool:
    """Return whether it is a cycle that names its end instead of its start."""
    plain = source.strip("\"'“” ")
    return bool(_UNTIL.fullmatch(iso_times.complete(plain) or plain))


def is_cron(source: str) -> bool:
    """Return whether it is written for cron or Quartz, even if it has no equivalent here."""
    return bool(_cron_fields(source.strip("\"'“” ")))


def _of_words(source: str) -> str:
    plain = re.sub(r"[\s\"'“”-]", "", source).upper()
    days = re.fullmatch(r"(\d+)(D|天|日|DAYS?)", plain)
    hours = re.fullmatch(r"(\d+)(H|小时|HOURS?)", plain)
    working = re.fullmatch(r"(\d+)个?工作日", plain)
    if working:
        return f"working days({working[1]})"
    if days:
        return f"P{int(days[1])}D"
    if hours:
        return f"PT{int(hours[1])}H"
    # Hours, minutes and seconds want a T before them.
    for better in (
        plain,
        re.sub(r"P(?=\d+[HS])", "PT", plain),
        re.sub(r"D(?=\d+[HMS])", "DT", plain),
    ):
        if _reads(better):
            return better if better != source else ""
    return ""


def _reads(text: str) -> bool:
    try:
        parse_time(text)
    except (ValueError, OverflowError):
        return False
    return True


def _without_zone(plain: str) -> str:
    """`2026-12-01T09:00[Asia/Shanghai]` and `…@Asia/Shanghai`, with an offset where one is due."""
    found = _ZONED.search(plain)
    if found is None:
        return ""
    try:
        moment = datetime.fromisoformat(found[1])
        zone = ZoneInfo(found[2] or found[3])
    except (ValueError, OSError, KeyError):
        return ""
    if moment.tzinfo is None and zone.key != _LOCAL.key:
        moment = moment.replace(tzinfo=zone)
    spelled = found[1] if moment.tzinfo is None else moment.isoformat(timespec="minutes")
    return plain[: found.start()] + spelled + plain[found.end() :]


def _from_start(plain: str) -> str:
    """`R3/PT1H/<end>`: the same rounds, counted from the first of them."""
    found = _UNTIL.fullmatch(plain)
    if found is None or not found[1].strip("0"):
        return ""
    try:
        every, end = parse_time(found[2]), datetime.fromisoformat(found[3])
        assert isinstance(every, CalendarSpan)
        zone = end.tzinfo or _LOCAL
        local = end if end.tzinfo else end.replace(tzinfo=_LOCAL)
        start = every.after(local, zone, 1 - int(found[1])).astimezone(zone)
    except (ValueError, OverflowError):
        return ""
    spelled = start.isoformat(timespec="minutes") if end.tzinfo else f"{start:%Y-%m-%dT%H:%M}"
    return f"R{int(found[1])}/{spelled}/{found[2]}"


def _cron_fields(text: str) -> list[str]:
    """Return minute, hour, day, month and day of the week; nothing for what is no cron."""
    words = _MACROS.get(text.lower(), text).split()
    if len(words) not in (5, 6, 7) or not all(_CRON_FIELD.fullmatch(word) for word in words):
        return []
    if not any("*" in word or "?" in word for word in words):
        return []
    quartz = len(words) > 5
    fields = [word.upper().replace("?", "*") for word in (words[1:6] if quartz else words)]
    if quartz and fields[4].isdigit():
        fields[4] = str((int(fields[4]) - 1) % 7)  # Quartz counts from Sunday as 1
    return fields


def _cycle_of(plain: str) -> str:
    """Return the cycle that a cron line means; nothing where no single cycle does."""
    fields = _cron_fields(plain)
    if not fields:
        return ""
    minute, hour, day, month, weekday = fields
    if day == month == weekday == "*" and not (minute.isdigit() and hour.isdigit()):
        return _within_a_day(minute, hour)
    if not (minute.isdigit() and hour.isdigit()):
        return ""
    clock = f"T{int(hour):02}:{int(minute):02}"
    if weekday != "*":
        number = _weekday(weekday)
        if number is None or (day, month) != ("*", "*"):
            return ""
        return f"R/2026-01-{_MONDAY + number:02}{clock}/P7D"
    if day == month == "*":
        return f"R/2026-01-{_MONDAY:02}{clock}/P1D"
    return _by_month(day.replace("L", "31"), month, clock)


def _within_a_day(minute: str, hour: str) -> str:
    step = re.fullmatch(r"(?:\*|0)/(\d+)", minute)
    if step and hour == "*" and 60 % int(step[1]) == 0:
        return f"R/2026-01-{_MONDAY:02}T00:00/PT{int(step[1])}M"
    hours = re.fullmatch(r"(?:\*|0)/(\d+)", hour)
    if minute.isdigit() and (hour == "*" or (hours and 24 % int(hours[1]) == 0)):
        every = int(hours[1]) if hours else 1
        return f"R/2026-01-{_MONDAY:02}T00:{int(minute):02}/PT{every}H"
    return "R/PT1M" if minute == hour == "*" else ""


def _by_month(day: str, month: str, clock: str) -> str:
    if not day.isdigit() or not 1 <= int(day) <= 31:
        return ""
    step = re.fullmatch(r"(?:\*|1)/(\d+)", month)
    if month == "*" or step:
        every = int(step[1]) if step else 1
        return f"R/2026-01-{int(day):02}{clock}/P{every}M"
    return f"R/2026-{int(month):02}-{int(day):02}{clock}/P1Y" if month.isdigit() else ""


def _weekday(text: str) -> int | None:
    """Return days from Monday; cron counts from Sunday as 0, and as 7."""
    if text in _WEEKDAYS:
        return _WEEKDAYS.index(text)
    return (int(text) - 1) % 7 if text.isdigit() and int(text) <= 7 else None
