"""Built-ins on numbers, in decimal arithmetic."""

from __future__ import annotations

from datetime import timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    DecimalException,
)

from feel.builtins.registry import built_in, need_number, need_whole
from feel.frame import Frame, NullCause
from feel.operators import bounded
from feel.text import Text
from feel.values import NUMBERS, Months, Value

_SCALE = 6000


def rounded(number: Value, scale: Value, rounding: str) -> int | Decimal:
    """Return the number with so many decimal places; a negative scale rounds to tens, hundreds
    ...
    """
    value, places = need_number(number), need_whole(0 if scale is None else scale)
    if abs(places) > _SCALE:
        raise NullCause(Text("小数位数太多。", "too many decimal places."))
    if type(value) is int and places >= 0:
        return value
    try:
        step = Decimal((0, (1,), -places))
        result = Decimal(value).quantize(step, rounding=rounding, context=NUMBERS)
    except DecimalException:
        # More places than 34 digits can show: there is nothing to round.
        return value if places > 0 else 0
    return tidy(result)


def tidy(value: Decimal) -> int | Decimal:
    """Return a whole decimal as an int, which is faster to work with."""
    if value == value.to_integral_value() and value.adjusted() < 34:
        return int(value)
    return value


@built_in("decimal", "n, scale")
def decimal(frame: Frame, n: Value, scale: Value) -> int | Decimal:
    need_number(scale)
    return rounded(n, scale, ROUND_HALF_EVEN)


@built_in("floor", "n, scale?")
def floor(frame: Frame, n: Value, scale: Value = None) -> int | Decimal:
    return rounded(n, scale, ROUND_FLOOR)


@built_in("ceiling", "n, scale?")
def ceiling(frame: Frame, n: Value, scale: Value = None) -> int | Decimal:
    return rounded(n, scale, ROUND_CEILING)


@built_in("round up", "n, scale?")
def round_up(frame: Frame, n: Value, scale: Value = None) -> int | Decimal:
    return rounded(n, scale, ROUND_UP)


@built_in("round down", "n, scale?")
def round_down(frame: Frame, n: Value, scale: Value = None) -> int | Decimal:
    return rounded(n, scale, ROUND_DOWN)


@built_in("round half up", "n, scale?")
def round_half_up(frame: Frame, n: Value, scale: Value = None) -> int | Decimal:
    return rounded(n, scale, ROUND_HALF_UP)


@built_in("round half down", "n, scale?")
def round_half_down(frame: Frame, n: Value, scale: Value = None) -> int | Decimal:
    return rounded(n, scale, ROUND_HALF_DOWN)


@built_in("abs", "n")
def absolute(frame: Frame, n: Value) -> Value:
    if isinstance(n, timedelta):
        return abs(n)
    if type(n) is Months:
        return Months(abs(n.months))
    value = need_number(n)
    return abs(value) if type(value) is int else NUMBERS.abs(value)


@built_in("modulo", "dividend, divisor")
def modulo(frame: Frame, dividend: Value, divisor: Value) -> int | Decimal:
    """Return the remainder with the sign of the divisor."""
    left, right = need_number(dividend), need_number(divisor)
    if right == 0:
        raise NullCause(Text("除数是零。", "division by zero."))
    if type(left) is int and type(right) is int:
        return left % right
    try:
        rest = NUMBERS.remainder(Decimal(left), Decimal(right))
    except DecimalException:
        raise NullCause(Text("数字相差太大。", "the numbers are too far apart.")) from None
    return NUMBERS.add(rest, right) if rest and (rest < 0) != (right < 0) else rest


@built_in("sqrt", "number")
def square_root(frame: Frame, number: Value) -> int | Decimal:
    value = need_number(number)
    if value < 0:
        raise NullCause(Text("负数没有平方根。", "a negative number has no square root."))
    return tidy(NUMBERS.sqrt(Decimal(value)))


@built_in("log", "number")
def logarithm(frame: Frame, number: Value) -> Decimal:
    """Return the natural logarithm."""
    value = need_number(number)
    if value <= 0:
        raise NullCause(Text("只有正数有对数。", "only positive numbers have a logarithm."))
    return NUMBERS.ln(Decimal(value))


@built_in("exp", "number")
def exponential(frame: Frame, number: Value) -> Decimal:
    try:
        return NUMBERS.exp(Decimal(need_number(number)))
    except DecimalException:
        raise NullCause(Text("结果太大。", "the result is too large.")) from None


@built_in("odd", "number")
def odd(frame: Frame, number: Value) -> bool:
    return modulo(frame, number, 2) == 1


@built_in("even", "number")
def even(frame: Frame, number: Value) -> bool:
    return modulo(frame, number, 2) == 0


def total(numbers: list[int | Decimal]) -> int | Decimal:
    """Sum with decimal rounding once a decimal is met."""
    result: int | Decimal = 0
    for number in numbers:
        if type(result) is int and type(number) is int:
            result = bounded(result + number)
        else:
            result = NUMBERS.add(result, number)
    return result
