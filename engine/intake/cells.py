"""What a cell says, compared and read: spellings made one, numbers and amounts. Pure.

A cell itself stays as it was written; only what is compared or read goes through ``plain``.
"""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal

from feel.text import Text

# Fifteen digits are what a JSON number carries without loss.
_YUAN = re.compile(
    r"^(?:人民币|RMB|CNY|¥)?\s*(?P<number>\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,6})?|\d{1,15}(?:\.\d{1,6})?)"
    r"\s*(?P<unit>[万亿])?\s*(?:元|圆)?整?$",
    re.IGNORECASE,
)
_UNITS = {None: 1, "万": 10_000, "亿": 100_000_000}


class UnreadableCell(ValueError):
    """A cell that is no such thing; ``text`` says why and never repeats what it holds."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)


def plain(text: str) -> str:
    """Return the cell for comparing: full-width letters and digits as ASCII, no margins."""
    return unicodedata.normalize("NFKC", text).replace("\x00", "").strip()


def comparable(text: str) -> str:
    """Return the cell as two spellings of one word are compared, spaces and line ends as one."""
    return " ".join(plain(text).split())


def number(text: str) -> float | None:
    """Return a decimal number, or None for an empty cell. Raises UnreadableCell."""
    text = plain(text).replace(",", "")
    try:
        found = float(text) if text else None
    except ValueError:
        found = math.nan
    if found is not None and not math.isfinite(found):
        raise UnreadableCell("数字无法识别", "no number that can be read")
    return found


def yuan(text: str) -> int | float | None:
    """Return an amount in yuan: 3000, 3,000元, ￥3000.50, 1.2万元; None for an empty cell.

    Raises UnreadableCell for anything else: what is only about an amount (约3000元) is not guessed.
    """
    text = plain(text)
    if not text:
        return None
    found = _YUAN.match(text)
    if found is None:
        raise UnreadableCell("金额无法识别", "no amount that can be read")
    amount = Decimal(found["number"].replace(",", "")) * _UNITS[found["unit"]]
    return int(amount) if amount == int(amount) else float(amount)
