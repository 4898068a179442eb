"""Which cases count for a unit in a period, with what; nothing is written here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine import settings
from engine.definitions.statistics import OWNERS, ROWS, StatisticTable
from engine.insight.statistics import facts
from engine.insight.statistics.facts import MediationFacts
from engine.models import MILLIONTHS, Case, CaseAccess, FactCorrection, Unit
from engine.models.base import STAMPED_LEVELS
from engine.terms.levels import LEVELS
from engine.terms.periods import Span
from feel import to_json

BATCH = 200
# Before the key of a gap, where gaps stand beside columns.
GAP = "gap:"


@dataclass(frozen=True)
class CountedCase:
    """A case of a return: its facts, the texts of its line, and what it adds to each column."""

    case: Case
    facts: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, Any] = field(default_factory=dict)
    cells: dict[str, int] = field(default_factory=dict)


def counted(db: Session, table: StatisticTable, unit: Unit, span: Span) -> Iterator[CountedCase]:
    """Yield the cases that count for a unit in a period."""
    if not table.process:
        return
    homes = counted_in(db, table, unit)
    mediated = table.owner == OWNERS[0]
    ids = list(db.scalars(_candidates(table, set(homes), span)))
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        cases = list(db.scalars(select(Case).where(Case.id.in_(some)).order_by(Case.id)))
        corrected = corrections(db, some)
        for known in facts.gather(db, cases):
            if homes.get(known.mediator_unit if mediated else known.case.unit_id) != unit.id:
                continue
            told = table.corrections(corrected.get(known.case.id, {}))
            found = table.merge_facts(known.values, told)
            day = table.day(found)
            if day is not None and span.first <= day <= span.last:
                yield _counted(table, known, found)


def corrections(db: Session, case_ids: Sequence[int]) -> dict[int, dict[str, str | None]]:
    """Return what facts of these cases were corrected to, the latest word of each."""
    rows = db.scalars(
        select(FactCorrection)
        .where(FactCorrection.case_id.in_(case_ids))
        .order_by(FactCorrection.at, FactCorrection.id)
    )
    found: dict[int, dict[str, str | None]] = {}
    for row in rows:
        found.setdefault(row.case_id, {})[row.fact] = row.value
    return found


def counted_in(db: Session, table: StatisticTable, unit: Unit) -> dict[int, int]:
    """Return the units whose cases count in a unit: itself, and what lies below the lowest level
    that makes returns.
    """
    if unit.level != table.lowest or unit.kind != "area" or unit.level not in STAMPED_LEVELS:
        return {unit.id: unit.id}
    below = LEVELS[LEVELS.index(table.lowest) + 1 :]
    inside = select(Unit.id).where(
        getattr(Unit, f"at_{unit.level}") == unit.id, Unit.level.in_(below)
    )
    return dict.fromkeys((unit.id, *db.scalars(inside)), unit.id)


def _candidates(table: StatisticTable, units: Collection[int], span: Span) -> Any:
    """Return the ids of cases that these units had to do with and that had not ended long before.

    What is told of a case is told on the day or later, however late it was entered, so nothing
    that was closed before the period can count in it.
    """
    mine = select(CaseAccess.case_id).where(CaseAccess.unit_id.in_(sorted(units))).distinct()
    return (
        select(Case.id)
        .where(
            Case.id.in_(mine),
            Case.process == table.process,
            or_(Case.closed_at.is_(None), Case.closed_at >= start_of(span.first)),
        )
        .order_by(Case.id)
    )


def _counted(table: StatisticTable, known: MediationFacts, found: dict[str, Any]) -> CountedCase:
    kept = cells(table, found)
    if known.case.confidential:
        return CountedCase(known.case, cells=kept)
    said = {fact.key: to_json(found[fact.key]) for fact in table.facts}
    texts = {line.key: to_json(line.of(found)) for line in table.lines}
    return CountedCase(known.case, said, texts, kept)


def cells(table: StatisticTable, found: Mapping[str, Any]) -> dict[str, int]:
    """Return what something adds to each column, and what it lacks, in millionths."""
    amounts = {
        column.key: _millionths(column.amount(found))
        for column in table.columns
        if column.formula is not None and column.kind != ROWS
    }
    amounts |= {f"{GAP}{gap.key}": MILLIONTHS for gap in table.gaps if gap.formula.holds(found)}
    return {key: amount for key, amount in amounts.items() if amount}


def row_cells(table: StatisticTable, given: Mapping[str, Any]) -> dict[str, int]:
    """Return what a row of screening adds to the columns that count such rows, in millionths."""
    columns = (one for one in table.columns if one.kind == ROWS)
    amounts = {one.key: _millionths(one.amount(given)) for one in columns}
    return {key: amount for key, amount in amounts.items() if amount}


def _millionths(amount: Decimal) -> int:
    return int((amount * MILLIONTHS).to_integral_value(ROUND_HALF_UP))


def start_of(day: date) -> datetime:
    """Return the first moment of a day in the office's zone."""
    return datetime.combine(day, time.min, ZoneInfo(settings.current().timezone))
