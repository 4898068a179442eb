"""One way to fold titles, names and what is typed: width, case, traditional characters, sounds.

Folding goes character by character, so that any part of a title folds as the title does. The
database folds what it keeps by a table with the same rows (``rows``); a question is folded here.
What is traditional is from OpenCC (Apache-2.0), what is said how from pypinyin (MIT): of what
they know, single characters of everyday use, in ``characters.json``.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

# Where marks stand that part words, and letters that have a plainer form.
SIGNS = ((0, 0x300), (0x2000, 0x2C00), (0x3000, 0x3040), (0xF900, 0xFB00), (0xFE10, 0xFFF0))
BREAKS = re.compile(r"[\W_]+")
# Keyboards differ in how they write ü.
PLAIN = {"lv": "lu", "nv": "nu", "lve": "lue", "nve": "nue"}
# Ways to read one short name; of more nobody types them all.
MOST_WAYS = 4
LONGEST_SYLLABLE = 6


def fold(text: str) -> str:
    """Return a text as it is compared: what stands between its marks, without them.

    ``ＬＥＤ 路燈，壞了`` becomes ``led路灯坏了``.
    """
    return text.translate(_folds())


def parts(text: str) -> list[str]:
    """Return what stands between marks and spaces, each folded."""
    return [folded for one in BREAKS.split(text) if (folded := fold(one))]


def chunks(part: str) -> list[str]:
    """Return characters, letters and digits apart: of ``电梯ting3hao`` 电梯, ting, 3 and hao."""
    return re.findall(r"[a-z]+|[0-9]+|[^a-z0-9]+", part)


def sounds_of(character: str) -> tuple[str, ...]:
    """Return the syllables that a character is read as, without tones; of a letter none."""
    return _sounds().get(character, ())


def readings(name: str) -> list[tuple[str, ...]]:
    """Return ways to read a short folded name, syllable by syllable; letters stand for
    themselves.
    """
    each = [sounds_of(one) or (one,) for one in name]
    return [way for way, _ in zip(product(*each), range(MOST_WAYS), strict=False)]


@lru_cache(1)
def syllables() -> frozenset[str]:
    """Return every syllable that some character is read as."""
    return frozenset(_table()["sounds"])


@lru_cache(maxsize=512)
def spelled(letters: str, most: int = 6) -> tuple[tuple[str, ...], ...]:
    """Return the ways to cut letters into syllables, those of few syllables first.

    If there is none, the last syllable may be unfinished; it then ends in ``*``.
    """
    ways: list[tuple[tuple[str, ...], str]] = [((), letters.replace("v", "u"))]
    done: list[tuple[str, ...]] = []
    begun: list[tuple[str, ...]] = []
    while ways and len(done) < most and len(begun) < most * most:
        cut, rest = ways.pop()
        if not rest:
            done.append(cut)
            continue
        if cut and _begins(rest):
            begun.append((*cut, f"{rest}*"))
        sizes = range(1, min(len(rest), LONGEST_SYLLABLE) + 1)
        ways += [((*cut, rest[:n]), rest[n:]) for n in sizes if rest[:n] in syllables()]
    return tuple(sorted(done or begun, key=len)[:most])


def rows() -> Iterator[tuple[str, str]]:
    """Yield (character, what it is compared as) for the table of the database; empty for marks."""
    for point, folded in _folds().items():
        # A text of PostgreSQL's holds no such character.
        if point:
            yield chr(point), folded


def traditional() -> Iterator[tuple[int, str]]:
    """Yield (code point, simplified character) for what is written in traditional characters."""
    pairs = str(_table()["simplified"])
    yield from zip(map(ord, pairs[::2]), pairs[1::2], strict=True)


def sound_rows() -> Iterator[tuple[str, str]]:
    """Yield (character, syllable) for the table of the database."""
    for one, said in _sounds().items():
        for syllable in said:
            yield one, syllable


def _begins(rest: str) -> bool:
    short = len(rest) < LONGEST_SYLLABLE and rest not in syllables()
    return short and any(one.startswith(rest) for one in syllables())


@lru_cache(1)
def _table() -> dict[str, Any]:
    text = (Path(__file__).parent / "characters.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@lru_cache(1)
def _folds() -> dict[int, str]:
    known = dict(traditional())
    for begin, end in SIGNS:
        for point in range(begin, end):
            plain = unicodedata.normalize("NFKC", chr(point)).lower()
            if BREAKS.fullmatch(chr(point)):
                known[point] = plain if plain.isalnum() and len(plain) == 1 else ""
            elif len(plain) == 1 and plain != chr(point):
                known[point] = known.get(ord(plain), plain)
    return known


@lru_cache(1)
def _sounds() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for syllable, characters in _table()["sounds"].items():
        for one in characters:
            found[one] = (*found.get(one, ()), syllable)
    return found
