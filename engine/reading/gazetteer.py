"""Units and places by what people type of their names: characters, pinyin, initials, codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.models import Unit
from engine.models.base import STAMPED_LEVELS
from engine.reading import folding, search
from engine.terms import levels

COUNTY = STAMPED_LEVELS.index("county")
# What a name may end with, and nobody types.
TAILS = ("村民委员会", "居民委员会", "村委会", "居委会", "社区", "街道", "镇", "乡", "村")
SHORTEST = 2


@dataclass(frozen=True)
class GazetteerEntry:
    """A unit or a place: its code, its name, and the area that it is a part of."""

    code: str
    name: str
    beside: str


def places(db: Session, actor: Actor, text: str, most: int = 4) -> list[GazetteerEntry]:
    """Return units in force of the actor's county that the text may name, the best first.

    One statement, two where something fits; nothing is read for less than two characters.
    """
    typed = folding.fold(text)
    county = next((seat.stamps[COUNTY] for seat in actor.seats if seat.stamps[COUNTY]), None)
    if county is None or len(typed) < SHORTEST or typed.isdigit() and len(typed) < 6:
        return []
    # A case's number names no place.
    if search.NUMBER.fullmatch(text.strip()):
        return []
    rows = db.execute(
        select(Unit.id, Unit.code, Unit.name, Unit.at_township, Unit.at_village)
        .where(
            Unit.at_county == county,
            Unit.ended_at.is_(None),
            or_(Unit.kind == "area", Unit.level == "county"),
            Unit.level.in_(levels.HANDLED),
            _may_name(typed),
        )
        .order_by(Unit.code)
    ).all()
    found = [(fits(typed, row.name, row.code), row) for row in rows]
    best = sorted((one for one in found if one[0]), key=lambda one: (-one[0], one[1].code))
    names = _names_above(db, [row for _, row in best[:most]])
    return [GazetteerEntry(row.code, row.name, _beside(row, names)) for _, row in best[:most]]


def _may_name(typed: str) -> ColumnElement[bool]:
    """Return the condition on ``Unit``: what is typed in Chinese is not far from its name.

    With one character wrong, one of the first two is right.
    """
    if not all("\u4e00" <= one <= "\u9fff" for one in typed):
        return true()
    return or_(*(Unit.name.contains(one) for one in typed[:2]))


def _names_above(db: Session, rows: Sequence[Any]) -> dict[int, str]:
    ids = {one for row in rows for one in (row.at_township, row.at_village) if one is not None}
    if not ids:
        return {}
    rows_above = db.execute(select(Unit.id, Unit.name).where(Unit.id.in_(ids)))
    return {row.id: row.name for row in rows_above}


def fits(typed: str, name: str, code: str = "") -> float:
    """Return how well a folded text names something, 0 for not at all.

    The whole name, its beginning, a part of it; then pinyin and initials; then one character wrong.
    """
    if typed == code:
        return 10
    best, letters, size = 0.0, typed.isascii(), len(typed)
    for key, worth in _keys(name):
        if typed in key:
            best = max(best, _worth_within(typed, key, worth, letters))
        elif best < 1 and size > 3 and -2 < len(key) - size < 2 and search.one_off(typed, key):
            best = 1.0
    return best


@lru_cache(maxsize=20_000)
def _keys(name: str) -> tuple[tuple[str, float], ...]:
    """Return what a name may be typed as, with what that is worth."""
    folded = folding.fold(name)
    tail = next((one for one in TAILS if folded.endswith(one)), "")
    short = folded.removesuffix(tail)
    found: dict[str, float] = {folded: 6.0}
    if len(short) >= SHORTEST:
        found[short] = 6.0
    for said in folding.readings(folded):
        found.setdefault("".join(said), 5.0)
        found.setdefault("".join(one[0] for one in said), 3.0)
    return tuple(found.items())


def _worth_within(typed: str, key: str, worth: float, letters: bool) -> float:
    """Return what it is worth that a key is, begins with or holds what was typed."""
    if typed == key:
        return worth + 1
    if key.startswith(typed):
        return worth
    # Inside of letters three say something, two stand everywhere.
    if not letters or len(typed) > 2:
        return worth - 2 if worth > 3 else 0.5
    return 0.0


def _beside(row: object, names: dict[int, str]) -> str:
    above = (getattr(row, "at_township", None), getattr(row, "at_village", None))
    own = getattr(row, "id", None)
    return " · ".join(names[one] for one in above if one in names and one != own)
