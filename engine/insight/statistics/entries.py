"""Which rows of the registers of mediation count for a unit on the last day of a period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.definitions.statistics import StatisticTable
from engine.insight.statistics import counting
from engine.models import (
    Committee,
    Mediator,
    ReturnEntry,
    ScreeningFind,
    ScreeningRound,
    StatisticReturn,
    Unit,
)
from engine.registers import mediators
from engine.registers.words import ROUND_KINDS
from engine.terms.periods import Span

REGISTERS = COMMITTEE, MEDIATOR, ROUND, FIND = "committee", "mediator", "round", "find"


@dataclass(frozen=True)
class CountedEntry:
    """A row of a register: its name, and what it adds to each column, in millionths."""

    register: str
    row_id: int
    name: str
    cells: dict[str, int] = field(default_factory=dict)


def counted(db: Session, table: StatisticTable, unit: Unit, span: Span) -> Iterator[CountedEntry]:
    """Yield the rows that are in force at the end of a period; four statements."""
    if not table.counts_rows:
        return
    homes = counting.counted_in(db, table, unit)
    mine = [one for one in homes if homes[one] == unit.id]
    yield from _screenings(db, table, mine, span)
    if not table.registers:
        return
    committees = _in_force(db, Committee, Committee.unit_id.in_(mine), Committee.founded_on, span)
    for one in committees:
        yield _entry(table, COMMITTEE, one.id, one.name, _of_committee(one))
    known = {one.id: one for one in committees}
    people = _in_force(db, Mediator, Mediator.committee_id.in_(known), Mediator.appointed_on, span)
    hours = mediators.hours_between(db, [one.id for one in people], span.first, span.last)
    for person in people:
        committee = known[person.committee_id]
        facts = _of_mediator(person, committee, hours.get(person.id, 0), span.last)
        name = f"{person.name}（{committee.name}）"
        yield _entry(table, MEDIATOR, person.id, name, facts)


def rows_of(db: Session, row: StatisticReturn) -> Sequence[ReturnEntry]:
    """Return the rows that a return counts."""
    mine = select(ReturnEntry).where(ReturnEntry.return_id == row.id)
    return db.scalars(mine.order_by(ReturnEntry.register, ReturnEntry.row_id)).all()


def behind(db: Session, return_ids: Sequence[int], key: str) -> list[tuple[ReturnEntry, Unit]]:
    """Return the rows behind a number or a gap of these returns, with whose return each is in."""
    rows = db.execute(
        select(ReturnEntry, Unit)
        .join(StatisticReturn, StatisticReturn.id == ReturnEntry.return_id)
        .join(Unit, Unit.id == StatisticReturn.unit_id)
        .where(ReturnEntry.return_id.in_(return_ids))
        .order_by(Unit.code, ReturnEntry.register, ReturnEntry.name)
    )
    return [(row[0], row[1]) for row in rows if row[0].cells.get(key)]


def _screenings(
    db: Session, table: StatisticTable, unit_ids: Sequence[int], span: Span
) -> Iterator[CountedEntry]:
    """Yield the rounds that ended in a period, and what they found."""
    rounds = db.scalars(
        select(ScreeningRound)
        .where(
            ScreeningRound.unit_id.in_(unit_ids),
            ScreeningRound.last_on.between(span.first, span.last),
            ScreeningRound.void_reason == "",
        )
        .order_by(ScreeningRound.id)
    ).all()
    known = {one.id: one for one in rounds}
    finds = db.scalars(
        select(ScreeningFind).where(ScreeningFind.round_id.in_(known)).order_by(ScreeningFind.id)
    ).all()
    for one in rounds:
        name = f"{one.first_on}—{one.last_on} {ROUND_KINDS[one.kind].zh}"
        facts = {"kind": one.kind, "households": one.households, "places": one.places}
        yield _entry(table, ROUND, one.id, name, facts)
    for find in finds:
        facts = {"kind": known[find.round_id].kind, "result": find.result, "risk": find.risk}
        yield _entry(table, FIND, find.id, find.title, {**facts, "people": find.people})


def _in_force(db: Session, table: Any, mine: Any, since: Any, span: Span) -> Sequence[Any]:
    begun = or_(since.is_(None), since <= span.last)
    lasting = or_(table.ended_on.is_(None), table.ended_on > span.last)
    return db.scalars(select(table).where(mine, begun, lasting).order_by(table.id)).all()


def _entry(
    table: StatisticTable, register: str, row_id: int, name: str, facts: Mapping[str, Any]
) -> CountedEntry:
    given = {"register": register, "row": facts}
    if table.registers:
        found = counting.cells(table, table.merge_facts(given, {}))
    else:
        found = counting.row_cells(table, given)
    return CountedEntry(register, row_id, name[:200], found)


def _of_committee(one: Committee) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "trade": one.trade,
        "number": one.number,
        "seal": one.seal,
        "founded_on": one.founded_on,
    }


def _of_mediator(one: Mediator, committee: Committee, hours: int, on: date) -> dict[str, Any]:
    """Return what is known of a mediator; who stands in a studio alone is known by its kind."""
    sealed = mediators.particulars(one)
    birth = date.fromisoformat(sealed["birth"]) if sealed.get("birth") else None
    had = birth is not None and (on.month, on.day) >= (birth.month, birth.day)
    return {
        "kind": committee.kind,
        "trade": committee.trade,
        "sex": one.sex,
        "education": one.education,
        "full_time": one.full_time,
        "office": one.office,
        "rank": one.rank,
        "politics": sealed.get("politics", ""),
        "age": None if birth is None else on.year - birth.year - (0 if had else 1),
        "appointed_on": one.appointed_on,
        "account": one.user_id is not None,
        "course_hours": hours,
    }
