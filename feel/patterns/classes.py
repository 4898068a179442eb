"""Which characters a part of a pattern stands for."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

Class = Callable[[str], bool]

_BLOCKS = {
    "IsBasicLatin": (0x0000, 0x007F),
    "IsCJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "IsCJKSymbolsandPunctuation": (0x3000, 0x303F),
    "IsHalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
}
_CATEGORIES = frozenset(["L", "M", "N", "P", "Z", "S", "C"])
_SIGNS = {"n": "\n", "r": "\r", "t": "\t"}


def literal(sign: str) -> Class:
    return sign.__eq__


def any_sign(newlines: bool) -> Class:
    return (lambda sign: True) if newlines else (lambda sign: sign not in "\n\r")


def escape(sign: str, name: str) -> Class | None:
    """What `\\d`, `\\p{L}` or `\\.` stands for; None for what is not known."""
    known = _ESCAPES.get(sign.lower()) if sign.isalpha() else None
    if sign in "pP":
        known = _property(name)
    if known is None:
        if sign in _SIGNS:
            return literal(_SIGNS[sign])
        return None if sign.isalnum() else literal(sign)
    return _outside(known) if sign.isupper() else known


def _outside(inside: Class) -> Class:
    return lambda sign: not inside(sign)


def _property(name: str) -> Class | None:
    if name in _BLOCKS:
        low, high = _BLOCKS[name]
        return lambda sign: low <= ord(sign) <= high
    if name[:1] in _CATEGORIES and len(name) <= 2:
        return lambda sign: unicodedata.category(sign).startswith(name)
    return None


def _is_word(sign: str) -> bool:
    # XPath leaves the underscore out and lets + and $ in; every other dialect does this.
    return sign == "_" or unicodedata.category(sign)[0] in "LMN"


_ESCAPES: dict[str, Class] = {
    "d": str.isdecimal,
    "s": lambda sign: sign in " \t\n\r",
    "w": _is_word,
    "i": lambda sign: sign.isalpha() or sign in "_:",
    "c": lambda sign: sign.isalnum() or sign in "_:.-·",
}


def members(
    ranges: list[tuple[str, str]],
    classes: list[Class],
    negated: bool,
    without: Class | None,
) -> Class:
    """Return the class of everything in the ranges and classes, or of everything else."""
    known: dict[str, bool] = {}

    def test(sign: str) -> bool:
        result = known.get(sign)
        if result is None:
            inside = any(low <= sign <= high for low, high in ranges)
            inside = inside or any(each(sign) for each in classes)
            result = inside is not negated and not (without is not None and without(sign))
            if len(known) < 1024:
                known[sign] = result
        return result

    return test
