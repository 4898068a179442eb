"""Finding cases by words: candidates out of the index, newest first, then ranked.

What is typed is folded as the index is (``folding``): width, case, traditional characters and
marks do not matter, and letters may be pinyin or its initials. What the index finds is checked
against the words themselves, and the best come first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from engine.models import Case, CaseNumber
from engine.reading import folding, search_text
from engine.reading.search_text import Group, SearchText

LONGEST = search_text.LONGEST
NUMBER = re.compile(r"\w{1,8}〔[0-9]{4}〕[0-9]{4,}")
INDEX = table(
    "case_search", column("case_id", BigInteger), column("words", String), column("terms")
)
Held = Sequence[Sequence[str]]
LITE_WORDS = table("case_search_words", column("case_id", BigInteger), column("words", String))


def numbered(text: str) -> ColumnElement[bool] | None:
    """Return the case of that very number, by its key; None unless ``text`` looks like a whole
    one.
    """
    if NUMBER.fullmatch(text) is None:
        return None
    # Numbers are kept by county: with all of them named the key finds it, however many cases.
    counties = select(CaseNumber.county_id).distinct()
    return and_(Case.county_id.in_(counties), Case.number == text)


def newest() -> Select[Any]:
    """Return the statement for the newest id, which says which blocks of ids are new."""
    return select(func.max(Case.id))


def hits(groups: Sequence[Group], held: Held, dialect: str) -> Select[tuple[int]]:
    """Return the ids of the cases that the groups of terms find, and whose words hold one of
    each of ``held``: pairs may stand apart, what was typed does not. The newest first.
    """
    if dialect == "postgresql":
        case_id, words = INDEX.c.case_id, INDEX.c.words
        matches = INDEX.c.terms.op("@@")(cast(literal(search_text.for_postgres(groups)), TSQUERY))
        found = select(case_id)
    else:
        case_id, words = literal_column("case_search.rowid", BigInteger), LITE_WORDS.c.words
        matches = literal_column("case_search").op("MATCH")(search_text.for_sqlite(groups))
        found = select(case_id.label("case_id")).select_from(INDEX)
        found = found.join(LITE_WORDS, LITE_WORDS.c.case_id == case_id)
    holds = (or_(*(words.contains(one, autoescape=True) for one in ways)) for ways in held)
    return found.where(matches, *holds).order_by(case_id.desc())


def alike(ask: SearchText, title: str) -> bool:
    """Return whether a title holds the longest part but for one character of it."""
    typed = max(ask.parts, key=len)
    folded = folding.fold(title)
    sizes = range(len(typed) - 1, len(typed) + 2)
    # Where it may begin: one of its first two characters is right.
    begins = [at for at, one in enumerate(folded) if one in typed[:3]]
    return any(one_off(typed, folded[at : at + size]) for at in begins for size in sizes)


def one_off(typed: str, other: str) -> bool:
    """Return whether one character is wrong, missing, too many or changed places, at most."""
    longer, shorter = (typed, other) if len(typed) >= len(other) else (other, typed)
    if len(longer) - len(shorter) > 1:
        return False
    same = next((n for n, (a, b) in enumerate(zip(longer, shorter, strict=False)) if a != b), None)
    if same is None:
        return True
    if len(longer) > len(shorter):
        return longer[same + 1 :] == shorter[same:]
    swapped = longer[same : same + 2] == shorter[same : same + 2][::-1]
    return longer[same + 1 :] == shorter[same + 1 :] or (
        swapped and longer[same + 2 :] == shorter[same + 2 :]
    )


def worth(ask: SearchText, number: str, title: str, place: str) -> float:
    """Return how well a case fits what was typed: more is better.

    Its number, then a title that holds all of it in one piece, then one that holds its words,
    then its place; among these the title that says little else.
    """
    folded, typed = folding.fold(title), ask.compact
    if typed == folding.fold(number):
        return 10.0
    near = _likeness(typed, folded)
    if ask.letters:
        said = folding.readings(folded)[0]
        spoken = max(_likeness(typed, "".join(said)), _likeness(typed, "".join(s[0] for s in said)))
        near = max(near, spoken)
    if typed in folded:
        return 4 + near
    held = sum(any(one in folded for one in ways) for ways in ask.synonyms_by_part)
    where = any(any(one in folding.fold(place) for one in ways) for ways in ask.synonyms_by_part)
    return (
        (2 * held / len(ask.synonyms_by_part) if ask.synonyms_by_part else 1) + near + 0.5 * where
    )


def ranked(ask: SearchText, rows: Iterable[Any]) -> list[Any]:
    """Return rows with ``number``, ``title``, ``place`` and ``case_id``, the best first, and of
    equals the newest.
    """
    return sorted(
        rows, key=lambda row: (-worth(ask, row.number, row.title, row.place), -row.case_id)
    )


def _likeness(one: str, other: str) -> float:
    """Return the share of pairs that two texts have in common, 0 to 1."""
    mine, theirs = set(pairwise(one)), set(pairwise(other))
    if not mine or not theirs:
        return float(one == other)
    return 2 * len(mine & theirs) / (len(mine) + len(theirs))
