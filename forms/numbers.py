"""Numbers and amounts of money, read so that no digit is lost on the way through JSON."""

from __future__ import annotations

import re
from decimal import Context, Decimal
from typing import Any

from forms.characters import half_width
from forms.findings import WrongAnswer

# A double keeps fifteen significant decimal digits: up to there a JSON number, read back by
# its shortest spelling, is exactly the decimal that was typed.
DIGITS = 15
# Wide enough that normalising never rounds what fits in the longest text that is read.
_EXACT = Context(prec=400)
_PLAIN = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]*)?|[+-]?\.[0-9]+")


def parse(value: Any, *, decimals: int, money: bool = False) -> int | float:
    """Return the number as JSON carries it: an int if it is whole, else a float of 15 digits.

    Accepts what is typed (full-width digits, thousands separators, for money a currency sign)
    and JSON numbers. Raises WrongAnswer for anything else, or for more `decimals` than allowed.
    """
    number = _decimal(value, money)
    if not number.is_finite() or abs(number) >= Decimal(10) ** DIGITS:
        raise WrongAnswer("数字太大", "the number is too large")
    number = number.normalize(_EXACT)
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    if -exponent > decimals:
        raise _too_fine(decimals)
    if exponent >= 0:
        return int(number)
    if len(digits) > DIGITS:
        raise WrongAnswer(f"最多 {DIGITS} 位有效数字", f"at most {DIGITS} significant digits")
    return float(number)


def _decimal(value: Any, money: bool) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise _not_a_number()
    if isinstance(value, int):
        # Beyond some thousand digits Python refuses to spell an int at all.
        return Decimal(value) if value.bit_length() <= 64 else Decimal("Infinity")
    if not isinstance(value, str):
        return Decimal(str(value))
    text = value
    if len(text) > 100:
        raise _not_a_number()
    text = re.sub(r"\s", "", half_width(text)).replace("−", "-")
    if money:
        text = re.sub(r"^(?:¥|￥|CNY|RMB|人民币)|(?:元|圆|CNY|RMB)$", "", text, flags=re.IGNORECASE)
    if not _PLAIN.fullmatch(text):
        raise _not_a_number()
    return Decimal(text.replace(",", ""))


def _not_a_number() -> WrongAnswer:
    return WrongAnswer(
        "请用数字填写，例如 20000 或 3.5", "please give a number, such as 20000 or 3.5"
    )


def _too_fine(decimals: int) -> WrongAnswer:
    if decimals == 0:
        return WrongAnswer("请填写整数", "please give a whole number")
    return WrongAnswer(f"最多保留 {decimals} 位小数", f"at most {decimals} digits after the point")
