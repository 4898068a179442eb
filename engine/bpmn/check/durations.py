"""Limits compared without a calendar: is one certainly longer than the other. Pure."""

from __future__ import annotations

from typing import Final

from feel.text import Text

# The fewest and the most days that one of a unit can take. Working days: holidays of up to
# nine days stand beside the weekends; hours of office: between four and twelve a day.
_DAYS: Final = {
    "hours": (1 / 24, 1 / 24),
    "working_hours": (1 / 24, 3.0),
    "days": (1.0, 1.0),
    "working_days": (1.0, 3.0),
    "months": (28.0, 31.0),
    "years": (365.0, 366.0),
}
_WORDS: Final = {
    "hours": ("小时", "hours"),
    "working_hours": ("个工作小时", "working hours"),
    "days": ("天", "days"),
    "working_days": ("个工作日", "working days"),
    "months": ("个月", "months"),
    "years": ("年", "years"),
}
UNITS: Final = frozenset(_DAYS)
# A few working days may lie on both sides of a long holiday.
_HOLIDAYS: Final = 9.0


def longer(one: tuple[int, str], other: tuple[int, str]) -> bool:
    """Return whether the first is longer than the second under every calendar."""
    if one[1] not in _DAYS or other[1] not in _DAYS:
        return False
    if one[1] == other[1]:
        return one[0] > other[0]
    extra = _HOLIDAYS if other[1].startswith("working") else 0.0
    return one[0] * _DAYS[one[1]][0] > other[0] * _DAYS[other[1]][1] + extra


def words(amount: int, unit: str) -> Text:
    """Return a limit in words."""
    zh, en = _WORDS[unit]
    return Text(f"{amount}{zh}", f"{amount} {en if amount != 1 else en.removesuffix('s')}")
