"""The values of FEEL: their kinds, equality and order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from feel.text import Text

Value = Any
"""str, bool, None, int, Decimal, date, time, datetime, timedelta, Months, list, dict, Range."""

NUMBERS = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
"""IEEE 754 decimal128, as DMN 1.3 section 10.3.2.3.1 asks for."""

INT_BOUND = 10**34


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A years and months duration, in months."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """All values between two ends; an end of None is open for ever."""

    low: Value
    high: Value
    low_included: bool = True
    high_included: bool = True


class Function:
    """A function as a value: what `invoke(frame, arguments)` does is up to its maker."""

    __slots__ = ("invoke", "name", "parameters")

    def __init__(self, name: str, parameters: tuple[str, ...], invoke: Any) -> None:
        self.name = name
        self.parameters = parameters
        self.invoke = invoke


KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    Decimal: "number",
    str: "string",
    date: "date",
    time: "time",
    datetime: "date and time",
    timedelta: "days and time duration",
    Months: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
    Function: "function",
}

ORDERED = frozenset({int, Decimal, str, date, time, datetime, timedelta, Months})

KIND_NAMES = {
    "null": Text("空值", "null"),
    "boolean": Text("是/否", "a yes/no value"),
    "number": Text("数字", "a number"),
    "string": Text("文字", "a text"),
    "date": Text("日期", "a date"),
    "time": Text("时间", "a time"),
    "date and time": Text("日期时间", "a date and time"),
    "days and time duration": Text("时长", "a duration of days and time"),
    "years and months duration": Text("年月时长", "a duration of years and months"),
    "list": Text("列表", "a list"),
    "context": Text("记录", "a context"),
    "range": Text("区间", "a range"),
    "function": Text("函数", "a function"),
}


def kind_of(value: Value) -> str:
    """Return the FEEL name of the value's type."""
    return KINDS.get(type(value), "unknown")


def kind_name(value: Value) -> Text:
    """Return the type's name for a message."""
    return KIND_NAMES.get(kind_of(value), Text("无法识别的值", "an unknown value"))


def settle(value: Any) -> Value:
    """Turn a host value into a FEEL value; anything without a FEEL type becomes null.

    Floats become decimals by their shortest spelling; tuples and sets become lists.
    """
    if type(value) in KINDS:
        return value
    if isinstance(value, float):
        return _from_float(value)
    for base in (bool, int, str, Decimal, datetime, date, time, timedelta):
        if isinstance(value, base):
            return _plain(base, value)
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    if isinstance(value, (tuple, set, frozenset)):
        return list(value)
    return None


def _from_float(value: float) -> int | Decimal | None:
    if value != value or value in (float("inf"), float("-inf")):
        return None
    return int(value) if value.is_integer() and abs(value) < 1e15 else Decimal(repr(value))


def _plain(base: type, value: Any) -> Value:
    if base is datetime:
        return datetime.combine(value.date(), value.time(), value.tzinfo)
    if base is date:
        return date(value.year, value.month, value.day)
    if base in (time, timedelta):
        return value
    return base(value) if base is not str else str.__str__(value)


Pay = Callable[[int], None]
"""Takes so many steps from a budget, and raises when it is used up."""


_CLOCK_DAY = date(1972, 12, 31)
"""The day on which times are compared, as in XML Schema: a named zone has its offset by day."""


def instant(value: datetime | time) -> datetime:
    """Return the moment to compare by: in UTC where the value has a zone, as it stands where it has
    none.

    Python compares values of one zone by their clocks, and no times of named zones at all.
    """
    moment = datetime.combine(_CLOCK_DAY, value) if isinstance(value, time) else value
    if moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        # Within a day of the ends of the calendar: the offset alone decides as well.
        return moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta()))


def equal(left: Value, right: Value, pay: Pay | None = None) -> bool | None:
    """FEEL equality: null for two values of different types, except null itself.

    `pay` is asked for every item of lists and contexts: nested values can share their parts
    and be far larger than the memory they take.
    """
    if left is None or right is None:
        return left is None and right is None
    kind_left, kind_right = type(left), type(right)
    if kind_left is not kind_right:
        if kind_of(left) == kind_of(right) == "number":
            return bool(left == right)
        left, right = settle(left), settle(right)
        if type(left) is kind_left and type(right) is kind_right:
            return None
        return equal(left, right, pay)
    if kind_left is list:
        return len(left) == len(right) and _all_equal(zip(left, right, strict=True), pay)
    if kind_left is dict:
        pairs = ((item, right[key]) for key, item in left.items())
        return left.keys() == right.keys() and _all_equal(pairs, pay)
    if kind_left in (datetime, time):
        same_sort = (left.tzinfo is None) == (right.tzinfo is None)
        return instant(left) == instant(right) if same_sort else None
    if kind_left is Function:
        return left is right
    return bool(left == right)


def _all_equal(pairs: Iterable[tuple[Value, Value]], pay: Pay | None) -> bool | None:
    result: bool | None = True
    for left, right in pairs:
        if pay:
            pay(1)
        same = equal(left, right, pay)
        if same is False:
            return False
        if same is None:
            result = None
    return result


def order(left: Value, right: Value) -> int | None:
    """-1, 0 or 1; None for values without a common order."""
    kind = type(left)
    if kind is not type(right) and not kind_of(left) == kind_of(right) == "number":
        return None
    if kind not in ORDERED:
        return None
    if kind in (datetime, time):
        left, right = instant(left), instant(right)
    try:
        return -1 if left < right else 1 if left > right else 0
    except TypeError:
        return None


def within(value: Value, span: Range) -> bool | None:
    """Return whether the value is inside the range; null if it cannot be compared with an end."""
    if span.low is not None:
        low = order(value, span.low)
        if low is None:
            return None
        if low < 0 or (low == 0 and not span.low_included):
            return False
    if span.high is not None:
        high = order(value, span.high)
        if high is None:
            return None
        if high > 0 or (high == 0 and not span.high_included):
            return False
    return True
