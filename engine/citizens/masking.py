"""Words that may be read by others: numbers that belong to a person are masked by rule."""

from __future__ import annotations

import re

# Resident IDs, telephones, bank cards; plates of vehicles.
LONG_NUMBER = re.compile(r"(?<!\d)\d[\d\s-]{5,22}[\dXx](?!\d)")
PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·\s]?[A-HJ-NP-Z0-9]{5,6}"
)
FEWEST_DIGITS = 7


def masked(text: str) -> str:
    """Return the text without telephones, resident IDs, card numbers and plates."""
    return PLATE.sub("***", LONG_NUMBER.sub(_stars, text))


def first_words(text: str, most: int = 30) -> str:
    """Return the first sentence, masked, for a title."""
    words = re.split(r"[。！？!?\n]", masked(text.strip()), maxsplit=1)[0].strip()
    return words if len(words) <= most else f"{words[: most - 1]}…"


def _stars(found: re.Match[str]) -> str:
    digits = sum(letter.isdigit() for letter in found[0])
    return "***" if digits >= FEWEST_DIGITS else found[0]
