"""Cases that may be about the same matter as what is being typed.

Compared are pairs of characters: how much of an earlier case's title is in what is typed, the
pairs that few of the compared titles hold counting most; then the place, and who calls.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.models import Case, Unit
from engine.reading import folding, search, search_text

# A matter is told again within so many days.
DAYS = 30
# So many of the newest cases of the place are compared, and so many that share words.
COMPARED, ALIKE = 300, 40
MOST = 3
# Below this nothing is offered. Of generated calls 0.5 finds 86 of 100 repeated ones and offers
# something to 29 of 100 new ones; 0.55 finds 83 and disturbs 10.
LEAST = 0.5
# What a title is worth when all of it is in the text, and the rest.
WORDS, SAME_PLACE, PLACE_UNKNOWN, SAME_CALLER = 0.7, 0.2, 0.1, 0.3
# Too few words say nothing.
SHORTEST = 6


@dataclass(frozen=True)
class DuplicateCandidate:
    """A case to compare with."""

    case_id: int
    number: str
    title: str
    place: str
    opened_at: datetime
    place_id: int
    closed: bool


@dataclass(frozen=True)
class LikelyDuplicate:
    """A likely duplicate: the case, how likely (0 to 1 and more), and why."""

    case: DuplicateCandidate
    worth: float
    same_place: bool
    same_caller: bool


def likely(
    db: Session,
    actor: Actor,
    process: str,
    text: str,
    *,
    place: Unit | None,
    callers: Collection[int],
    now: datetime,
) -> list[LikelyDuplicate]:
    """Return at most three cases that the actor may see, the likeliest first.

    ``callers`` are the ids of the caller's own earlier cases. Two statements at most.
    """
    typed = folding.fold(text)
    if len(typed) < SHORTEST:
        return []
    found = _candidates(db, actor, process, typed, place, callers, now)
    ranked = rank(typed, found, place.id if place else None, callers)
    return [one for one in ranked if one.worth >= LEAST][:MOST]


def rank(
    typed: str,
    candidates: Sequence[DuplicateCandidate],
    place_id: int | None,
    callers: Collection[int],
) -> list[LikelyDuplicate]:
    """Return the candidates with their worth, the likeliest first; ``typed`` is folded."""
    said = _pairs(typed)
    titles = {one.case_id: _pairs(folding.fold(one.title)) for one in candidates}
    held = Counter(pair for pairs in titles.values() for pair in pairs)
    rare = {pair: math.log(1 + len(titles) / count) for pair, count in held.items()}
    found = []
    for one in candidates:
        pairs = titles[one.case_id]
        whole = sum(rare[pair] for pair in pairs)
        share = sum(rare[pair] for pair in pairs & said) / whole if whole else 0.0
        same_place, same_caller = one.place_id == place_id, one.case_id in callers
        near = SAME_PLACE if same_place else PLACE_UNKNOWN if place_id is None else 0.0
        # Nobody repeats a matter without a word of it.
        worth = WORDS * share + (near + SAME_CALLER * same_caller if share > 0.15 else 0.0)
        found.append(LikelyDuplicate(one, worth, same_place, same_caller))
    return sorted(found, key=lambda double: (-double.worth, -double.case.case_id))


def _candidates(
    db: Session,
    actor: Actor,
    process: str,
    typed: str,
    place: Unit | None,
    callers: Collection[int],
    now: datetime,
) -> list[DuplicateCandidate]:
    recent = [Case.process == process, Case.opened_at >= now - timedelta(days=DAYS)]
    around: list[ColumnElement[bool]] = [Case.id.in_(sorted(callers))]
    if place is not None:
        around.append(Case.place_id.in_(_neighbours(place)))
    rows = (
        _read_candidates(db, actor, [*recent, or_(*around)], COMPARED) if callers or place else []
    )
    # Elsewhere in the county only what shares much: a place is often named wrongly.
    words = typed[: search_text.LONGEST]
    ask = search_text.parse_search(words)
    groups = _loosely(ask)
    if groups:
        dialect = db.get_bind().dialect.name
        hits = search.hits(groups, (), dialect).limit(ALIKE * 5).subquery("hits")
        rows += _read_candidates(db, actor, [*recent, Case.id.in_(select(hits.c.case_id))], ALIKE)
    return list({row.case_id: row for row in rows}.values())


def _loosely(ask: search_text.SearchText) -> tuple[search_text.Group, ...]:
    """Return groups that find what shares three neighbouring pairs with some part."""
    ways = tuple(
        (part[at : at + 2], part[at + 1 : at + 3], part[at + 2 : at + 4])
        for part in ask.parts
        for at in range(0, len(part) - 3, 2)
        if not part[at : at + 4].isascii()
    )
    return (ways[:40],) if ways else ()


def _read_candidates(
    db: Session, actor: Actor, conditions: Sequence[ColumnElement[bool]], most: int
) -> list[DuplicateCandidate]:
    rows = db.execute(
        select(
            Case.id,
            Case.number,
            Case.title,
            Case.place_name,
            Case.opened_at,
            Case.place_id,
            Case.closed_at.is_not(None),
        )
        .where(*conditions, policy.visible_cases(actor), ~Case.guarded)
        .order_by(Case.id.desc())
        .limit(most)
    )
    return [DuplicateCandidate(*row) for row in rows]


def _neighbours(place: Unit) -> Select[tuple[int]]:
    """Return the places of the same village, or of the township where no village is known."""
    if place.at_village is not None:
        return select(Unit.id).where(Unit.at_village == place.at_village)
    return select(Unit.id).where(Unit.at_township == place.at_township)


def _pairs(folded: str) -> frozenset[str]:
    return frozenset(a + b for a, b in pairwise(folded))
