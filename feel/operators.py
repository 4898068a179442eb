"""Arithmetic and comparison on values, with the reason noted where the result is null."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, DecimalException

from feel import temporal
from feel.frame import Code, Frame
from feel.text import Text
from feel.values import INT_BOUND, NUMBERS, ORDERED, Months, Value, equal, kind_name, order, settle

Operation = Callable[[Frame, Value, Value, int], Value]

_TEMPORAL = (date, time, datetime, timedelta, Months)
_DURATIONS = (timedelta, Months)
NUMERIC = (int, Decimal)
_MAX_EXPONENT = 1_000_000

TESTS: dict[str, Callable[[Value, Value], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_EQUALITY: dict[str, Callable[[Value, Value], bool]] = {"=": operator.eq, "!=": operator.ne}


def bounded(number: int) -> int | Decimal:
    """Return an int while it has at most 34 digits, else a rounded decimal."""
    return number if -INT_BOUND < number < INT_BOUND else NUMBERS.create_decimal(number)


def add(frame: Frame, left: Value, right: Value, pos: int) -> Value:
    kind, other = type(left), type(right)
    if kind is int and other is int:
        return bounded(left + right)
    if kind in NUMERIC and other in NUMERIC:
        return _decimal(frame, NUMBERS.add, left, right, pos)
    if kind is str and other is str:
        return frame.keep_text(left + right)
    if left is None or right is None:
        return None
    if kind in _TEMPORAL and other in _TEMPORAL:
        return _temporal(frame, temporal.add, left, right, "+", pos)
    return _again(frame, add, left, right, "+", pos)


def subtract(frame: Frame, left: Value, right: Value, pos: int) -> Value:
    kind, other = type(left), type(right)
    if kind is int and other is int:
        return bounded(left - right)
    if kind in NUMERIC and other in NUMERIC:
        return _decimal(frame, NUMBERS.subtract, left, right, pos)
    if left is None or right is None:
        return None
    if kind in _TEMPORAL and other in _TEMPORAL:
        return _temporal(frame, temporal.subtract, left, right, "-", pos)
    return _again(frame, subtract, left, right, "-", pos)


def multiply(frame: Frame, left: Value, right: Value, pos: int) -> Value:
    kind, other = type(left), type(right)
    if kind is int and other is int:
        return bounded(left * right)
    if kind in NUMERIC and other in NUMERIC:
        return _decimal(frame, NUMBERS.multiply, left, right, pos)
    if left is None or right is None:
        return None
    if kind in NUMERIC and other in _DURATIONS:
        left, right, kind, other = right, left, other, kind
    if kind in _DURATIONS and other in NUMERIC:
        return _temporal(frame, temporal.multiply, left, right, "*", pos)
    return _again(frame, multiply, left, right, "*", pos)


def divide(frame: Frame, left: Value, right: Value, pos: int) -> Value:
    if left is None or right is None:
        return None
    kind, other = type(left), type(right)
    if other in NUMERIC and right == 0 and kind in (*NUMERIC, *_DURATIONS):
        frame.note(Text("除数是零，结果为空。", "Division by zero gives null."), pos)
        return None
    if kind is int and other is int and left % right == 0:
        return left // right
    if kind in NUMERIC and other in NUMERIC:
        return _decimal(frame, NUMBERS.divide, left, right, pos)
    if kind in _DURATIONS and other in (*NUMERIC, *_DURATIONS):
        return _temporal(frame, temporal.divide, left, right, "/", pos)
    return _again(frame, divide, left, right, "/", pos)


def power(frame: Frame, left: Value, right: Value, pos: int) -> Value:
    if left is None or right is None:
        return None
    if type(left) not in NUMERIC or type(right) not in NUMERIC:
        return _again(frame, power, left, right, "**", pos)
    if abs(right) > _MAX_EXPONENT:
        frame.note(
            Text(f"指数太大，最多 {_MAX_EXPONENT}。", f"The exponent is above {_MAX_EXPONENT}."),
            pos,
        )
        return None
    if type(left) is int and type(right) is int and 0 <= right <= 128 and abs(left) < 2**16:
        return bounded(left**right)
    return _decimal(frame, NUMBERS.power, Decimal(left), Decimal(right), pos)


def negate(frame: Frame, value: Value, pos: int) -> Value:
    if type(value) is int or isinstance(value, timedelta):
        return -value
    if type(value) is Decimal:
        return NUMBERS.minus(value)
    if type(value) is Months:
        return Months(-value.months)
    if value is not None:
        name = kind_name(value)
        text = Text(f"{name.zh}不能取负。", f"There is no negative of {name.en}.")
        frame.note(text, pos, is_type_error=True)
    return None


ARITHMETIC: dict[str, Operation] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}


def equals(frame: Frame, left: Value, right: Value, pos: int) -> bool | None:
    result = equal(left, right, frame.spend)
    if result is None:
        note_mismatch(frame, left, right, pos)
    return result


def differs(frame: Frame, left: Value, right: Value, pos: int) -> bool | None:
    result = equals(frame, left, right, pos)
    return None if result is None else not result


def ordered(op: str) -> Operation:
    """Return the operation for `<`, `<=`, `>` or `>=`."""
    test = TESTS[op]

    def compare(frame: Frame, left: Value, right: Value, pos: int) -> bool | None:
        if left is None or right is None:
            return None
        result = order(left, right)
        if result is not None:
            return test(result, 0)
        plain_left, plain_right = settle(left), settle(right)
        if type(plain_left) is not type(left) or type(plain_right) is not type(right):
            return compare(frame, plain_left, plain_right, pos)
        note_mismatch(frame, left, right, pos)
        return None

    return compare


COMPARISONS: dict[str, Operation] = {
    "=": equals,
    "!=": differs,
    **{op: ordered(op) for op in TESTS},
}


def compare_constant(left: Code, op: str, constant: Value, pos: int) -> Code:
    """Return the code for `anything op constant`."""
    fast, test = fast_test(op, constant)
    slow = COMPARISONS[op]

    def run(frame: Frame) -> Value:
        value = left(frame)
        return test(value, constant) if type(value) in fast else slow(frame, value, constant, pos)

    return run


def fast_test(op: str, constant: Value) -> tuple[frozenset[type], Callable[[Value, Value], bool]]:
    """Return the types for which Python's own operator is FEEL's, and that operator."""
    kind = type(constant)
    fast: frozenset[type] = frozenset()
    if kind in NUMERIC:
        fast = frozenset(NUMERIC)
    elif kind is str or (kind is bool and op in _EQUALITY):
        fast = frozenset({kind})
    return fast, _EQUALITY.get(op) or TESTS[op]


def _decimal(
    frame: Frame, operation: Callable[..., Decimal], left: Value, right: Value, pos: int
) -> Decimal | None:
    try:
        return operation(left, right)
    except DecimalException:
        frame.note(
            Text("结果超出数字的范围，记为空。", "The result is outside the range of numbers."), pos
        )
        return None


def _temporal(
    frame: Frame,
    operation: Callable[[Value, Value], Value],
    left: Value,
    right: Value,
    op: str,
    pos: int,
) -> Value:
    try:
        result = operation(left, right)
    except (OverflowError, ValueError, ArithmeticError):
        frame.note(
            Text("结果超出日期或时长的范围，记为空。", "The result is outside the range of dates."),
            pos,
        )
        return None
    if result is None:
        _undefined(frame, left, right, op, pos)
    return result


def _again(
    frame: Frame, operation: Operation, left: Value, right: Value, op: str, pos: int
) -> Value:
    """Try once more with host values (floats and the like) turned into FEEL values."""
    plain_left, plain_right = settle(left), settle(right)
    if type(plain_left) is not type(left) or type(plain_right) is not type(right):
        return operation(frame, plain_left, plain_right, pos)
    _undefined(frame, left, right, op, pos)
    return None


def _undefined(frame: Frame, left: Value, right: Value, op: str, pos: int) -> None:
    a, b = kind_name(left), kind_name(right)
    zh, en = f"{a.zh}与{b.zh}不能用“{op}”计算。", f"“{op}” does not work on {a.en} and {b.en}."
    if op == "+" and str in (type(left), type(right)):
        zh += "拼接文字时先用 string(...) 转成文字。"
        en += " To join texts, turn the other value into a text with string(...)."
    frame.note(Text(zh, en), pos, is_type_error=True)


def note_mismatch(frame: Frame, left: Value, right: Value, pos: int) -> None:
    """Note that two values cannot be compared, and why."""
    a, b = kind_name(left), kind_name(right)
    text = Text(f"{a.zh}没有先后大小。", f"{a.en} has no order.")
    if type(left) is type(right) and _zoned(left) is not _zoned(right):
        text = Text(
            f"带时区的{a.zh}与不带时区的不能比较。",
            f"{a.en} with a zone cannot be compared with one without.",
        )
    elif type(left) in ORDERED or type(left) is not type(right):
        text = Text(f"{a.zh}与{b.zh}不能比较。", f"{a.en} cannot be compared with {b.en}.")
    frame.note(text, pos, is_type_error=True)


def _zoned(value: Value) -> bool:
    return isinstance(value, (time, datetime)) and value.tzinfo is not None
