"""Built-ins that make one type from another, and those of truth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

from feel import temporal
from feel.builtins.registry import (
    built_in,
    need_clock,
    need_date,
    need_duration,
    need_number,
    need_text,
    need_whole,
)
from feel.frame import Frame, NullCause
from feel.text import Text
from feel.values import NUMBERS, Function, Months, Range, Value, equal, kind_of

_PLAIN_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,5})?", re.ASCII)


def _unreadable(text: str, zh: str, en: str) -> NullCause:
    return NullCause(Text(f"“{text[:40]}”不是{zh}。", f"“{text[:40]}” is not {en}."))


@built_in("not", "negand")
def negation(frame: Frame, negand: Value) -> bool | None:
    return not negand if negand is True or negand is False else None


@built_in("is", "value1, value2")
def is_same(frame: Frame, value1: Value, value2: Value) -> bool:
    """Return the same value and the same type, zones included."""
    if kind_of(value1) != kind_of(value2) or equal(value1, value2, frame.spend) is not True:
        return False
    return getattr(value1, "tzinfo", None) == getattr(value2, "tzinfo", None)


@built_in("number", "from, grouping separator?, decimal separator?")
def to_number(
    frame: Frame, source: Value, grouping: Value = None, point: Value = None
) -> int | Decimal:
    if type(source) in (int, Decimal):
        return source
    text = need_text(source).strip()
    plain = text
    if grouping is not None:
        if grouping not in (" ", ",", ".") or grouping == point:
            raise NullCause(Text("分隔符不对。", "wrong separator."))
        plain = plain.replace(grouping, "")
    if point is not None:
        if point not in (",", "."):
            raise NullCause(Text("小数点不对。", "wrong decimal separator."))
        plain = plain.replace(point, ".")
    if len(plain) > 400 or not _PLAIN_NUMBER.fullmatch(plain):
        raise _unreadable(text, "数字", "a number")
    if re.fullmatch(r"[+-]?\d{1,34}", plain):
        return int(plain)
    try:
        return NUMBERS.create_decimal(plain)
    except ArithmeticError:
        raise _unreadable(text, "数字", "a number") from None


@built_in("string", "from")
def to_string(frame: Frame, source: Value) -> str | None:
    return None if source is None else frame.keep_text("".join(_spelling(frame, source)))


def _spelling(frame: Frame, source: Value) -> list[str]:
    """Return the pieces of a value's text, stopped when they grow too long together."""
    pieces: list[str] = []
    room = frame.limits.characters
    for piece in spell(source):
        room -= len(piece)
        frame.spend()
        if room < 0:
            frame.refuse_text()
        pieces.append(piece)
    return pieces


def spell(value: Value, nested: bool = False) -> Iterator[str]:
    """Yield the text of a value, in pieces; texts inside lists and contexts keep their quotes."""
    if type(value) is list:
        yield "["
        for place, item in enumerate(value):
            yield ", " if place else ""
            yield from spell(item, True)
        yield "]"
    elif type(value) is dict:
        yield "{"
        for place, (key, item) in enumerate(value.items()):
            yield f"{', ' if place else ''}{key}: "
            yield from spell(item, True)
        yield "}"
    elif type(value) is Range:
        yield "[" if value.low_included else "("
        yield from spell(value.low, True)
        yield ".."
        yield from spell(value.high, True)
        yield "]" if value.high_included else ")"
    else:
        yield _spell_simple(value, nested)


def _spell_simple(value: Value, nested: bool) -> str:
    if type(value) is str:
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}"' if nested else value
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if type(value) is Decimal:
        return f"{value:f}"
    if isinstance(value, (date, time, timedelta, Months)):
        return temporal.spell(value)
    return "function" if type(value) is Function else str(value)


@built_in("date", "from", "year, month, day")
def to_date(frame: Frame, source: Value, month: Value = None, day: Value = None) -> date:
    if month is not None or day is not None:
        try:
            return date(need_whole(source), need_whole(month), need_whole(day))
        except ValueError:
            raise NullCause(Text("没有这一天。", "there is no such day.")) from None
    if isinstance(source, date):
        return temporal.day_of(source)
    text = need_text(source)
    value = temporal.parse_date(text)
    if value is None:
        raise _unreadable(text, "日期（如 2026-03-01）", "a date such as 2026-03-01")
    return value


@built_in("time", "from", "hour, minute, second, offset?")
def to_time(
    frame: Frame,
    source: Value,
    minute: Value = None,
    second: Value = None,
    offset: Value = None,
) -> time:
    if minute is not None or second is not None:
        return _build_time(source, minute, second, offset)
    if isinstance(source, datetime):
        return source.timetz()
    if type(source) is time:
        return source
    if type(source) is date:
        return time(tzinfo=UTC)
    text = need_text(source)
    value = temporal.parse_time(text)
    if value is None:
        raise _unreadable(text, "时间（如 08:30:00）", "a time such as 08:30:00")
    return value


def _build_time(hour: Value, minute: Value, second: Value, offset: Value) -> time:
    zone = timezone(offset) if isinstance(offset, timedelta) else None
    seconds = need_number(second)
    try:
        micro = int(NUMBERS.multiply(NUMBERS.remainder(Decimal(seconds), 1), 1_000_000))
        return time(need_whole(hour), need_whole(minute), int(seconds), micro, tzinfo=zone)
    except ValueError:
        raise NullCause(Text("没有这个时间。", "there is no such time.")) from None


@built_in("date and time", "from", "date, time")
def to_moment(frame: Frame, source: Value, clock: Value = None) -> datetime:
    if clock is not None:
        day = need_date(source)
        return datetime.combine(temporal.day_of(day), need_clock(clock))
    if isinstance(source, datetime):
        return source
    if type(source) is date:
        return datetime.combine(source, time())
    text = need_text(source)
    value = temporal.parse_moment(text)
    if value is None and (start := temporal.parse_date(text)):
        return datetime.combine(start, time())
    if value is None:
        raise _unreadable(
            text,
            "日期时间（如 2026-03-01T08:30:00）",
            "a date and time such as 2026-03-01T08:30:00",
        )
    return value


@built_in("duration", "from")
def to_duration(frame: Frame, source: Value) -> timedelta | Months:
    if isinstance(source, (timedelta, Months)):
        return need_duration(source)
    text = need_text(source)
    value = temporal.parse_duration(text)
    if value is None:
        raise _unreadable(text, "时长（如 P3D、PT4H）", "a duration such as P3D or PT4H")
    return value


@built_in("years and months duration", "from, to")
def months_between(frame: Frame, start: Value, end: Value) -> Months:
    months = temporal.months_between(need_date(start), need_date(end))
    if months is None:
        text = Text(
            "两个时间要么都带时区，要么都不带。", "both moments need a zone, or neither has one."
        )
        raise NullCause(text, is_type_error=True)
    return months
