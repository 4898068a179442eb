"""Who may see a case, as people: whom a remark may name, and how it names them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, or_, select, union_all
from sqlalchemy.orm import Session

from engine.access import confidentiality
from engine.access.actors import AREA_KINDS
from engine.errors import InvalidInput
from engine.models import Case, CaseAccess, Deputy, Post, Unit, User
from engine.models.base import STAMPED_LEVELS
from engine.roles import OVERSEERS
from feel.text import Text

SIGN = "@"


@dataclass(frozen=True)
class CaseReader:
    """Somebody who may see a case; ``label`` names them and nobody else who may."""

    user_id: int
    name: str
    label: str
    unit: str
    role: str
    unit_ids: frozenset[int]


@dataclass(frozen=True)
class TextPart:
    """A piece of what was said; ``reader`` is whom it names, if it names somebody."""

    text: str
    reader: CaseReader | None = None


def of_case(db: Session, case: Case, now: datetime) -> list[CaseReader]:
    """Return everybody who may see the case now, those of the units at hand first; two statements.

    One more for a case that goes round somebody.

    The same people for whom ``policy.can_see`` holds.
    """
    units = db.execute(_units_with_access(case, now)).all()
    if not units:
        return []
    rows = _unconcerned(db, case, db.execute(_people(case, units, now)).all(), now)
    near = {row.id for row in units}
    rows = sorted(rows, key=lambda row: (row.unit_id not in near, row.unit, row.name))
    return list(_readers(rows))


def inside(readers: Iterable[CaseReader], unit_id: int | None) -> list[CaseReader]:
    """Return those of one unit, who alone read its internal notes; without a unit all of them."""
    return [one for one in readers if unit_id is None or unit_id in one.unit_ids]


def mentioned_readers(text: str, readers: Sequence[CaseReader]) -> list[CaseReader]:
    """Return the readers whom a text names as ``@name``, each once.

    Raises InvalidInput for a name that several of them share, unless it says the unit, too.
    """
    found: dict[int, CaseReader] = {}
    for part in parts(text, readers):
        if part.reader is not None:
            found.setdefault(part.reader.user_id, part.reader)
    _refuse_shared(text, readers)
    return list(found.values())


def parts(text: str, readers: Sequence[CaseReader]) -> Iterator[TextPart]:
    """Yield a text cut at the names in it; of two that fit, the longer one is meant."""
    labels = sorted(readers, key=lambda one: len(one.label), reverse=True)
    begin = at = 0
    while (at := text.find(SIGN, at)) >= 0:
        reader = next((one for one in labels if text.startswith(one.label, at + 1)), None)
        end = at + 1 + (len(reader.label) if reader else 0)
        if reader is not None:
            if at > begin:
                yield TextPart(text[begin:at])
            yield TextPart(text[at:end], reader)
            begin = end
        at = end
    if begin < len(text):
        yield TextPart(text[begin:])


def _refuse_shared(text: str, readers: Sequence[CaseReader]) -> None:
    rest = "".join(part.text for part in parts(text, readers) if part.reader is None)
    shared = [one for one in readers if one.label != one.name and f"{SIGN}{one.name}" in rest]
    if shared:
        ways = [f"{SIGN}{one.label}" for one in shared if one.name == shared[0].name]
        raise InvalidInput(
            {
                "text": Text(
                    f"有几位{shared[0].name}，请写明是哪一位：{'、'.join(ways)}。",
                    f"There are several named {shared[0].name}; say which: {', '.join(ways)}.",
                )
            }
        )


def _units_with_access(case: Case, now: datetime) -> Select[Any]:
    stamps = [getattr(Unit, f"at_{level}") for level in STAMPED_LEVELS]
    return (
        select(Unit.id, *stamps)
        .join(CaseAccess, CaseAccess.unit_id == Unit.id)
        .where(
            CaseAccess.case_id == case.id,
            CaseAccess.county_id == case.county_id,
            or_(CaseAccess.until_at.is_(None), CaseAccess.until_at > now),
        )
    )


def _unconcerned(db: Session, case: Case, rows: Sequence[Any], now: datetime) -> Sequence[Any]:
    round_whom = confidentiality.concerned(db, case, {row.user_id for row in rows}, now)
    return [row for row in rows if row.user_id not in round_whom]


def _people(case: Case, units: Collection[Any], now: datetime) -> CompoundSelect[Any]:
    """Return everybody with a seat that sees one of the units: holders, and deputies of the moment.

    Each by index: joined to one list of all seats, every post of the county would be read.
    """
    named = (
        User.id.label("user_id"),
        User.name,
        Unit.id.label("unit_id"),
        Unit.name.label("unit"),
        Post.role,
    )
    seeing = (
        Post.from_at <= now,
        or_(Post.until_at.is_(None), Post.until_at > now),
        or_(Unit.ended_at.is_(None), Unit.ended_at > now),
        or_(User.ended_at.is_(None), User.ended_at > now),
        or_(Unit.id.in_({row.id for row in units}), _overseeing(units)),
    )
    # Officers see what is confidential by posts of their own alone.
    officers = (*seeing[:-1], confidentiality.keepers(units)) if case.guarded else None
    today = and_(Deputy.post_id == Post.id, Deputy.from_at <= now, Deputy.until_at > now)
    seats = select(*named).join_from(Unit, Post, Post.unit_id == Unit.id).where(*seeing)
    parts = [
        seats.join(User, User.id == Post.user_id),
        seats.join(Deputy, today).join(User, User.id == Deputy.user_id),
    ]
    if officers is not None:
        held = select(*named).join_from(Unit, Post, Post.unit_id == Unit.id).where(*officers)
        parts.append(held.join(User, User.id == Post.user_id))
    return union_all(*parts)


def _overseeing(units: Collection[Any]) -> ColumnElement[bool]:
    """Return a seat that oversees an area in which one of the units lies."""
    areas = []
    for level in STAMPED_LEVELS:
        column = getattr(Unit, f"at_{level}")
        above = {getattr(row, f"at_{level}") for row in units} - {None}
        areas.append(and_(Unit.level == level, column.in_(above)))
    return and_(Post.role.in_(OVERSEERS), Unit.kind.in_(AREA_KINDS), or_(*areas))


def _readers(rows: Iterable[Any]) -> Iterator[CaseReader]:
    by_person: dict[int, list[Any]] = {}
    for row in rows:
        by_person.setdefault(row.user_id, []).append(row)
    firsts = [seats[0] for seats in by_person.values()]
    names = [row.name for row in firsts]
    for row in firsts:
        units = frozenset(seat.unit_id for seat in by_person[row.user_id])
        label = row.name if names.count(row.name) == 1 else f"{row.name}（{row.unit}）"
        yield CaseReader(row.user_id, row.name, label, row.unit, row.role, units)
