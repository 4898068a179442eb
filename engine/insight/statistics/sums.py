"""The numbers of a return: sums over its cases, what was entered, and the returns it adds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.definitions.statistics import StatisticColumn, StatisticTable
from engine.models import MILLIONTHS, ReturnCell, ReturnEntry, ReturnPart, StatisticReturn

Sums = dict[str, int]


@dataclass(frozen=True)
class ReturnNumber:
    """One column with its value; ``whole`` and ``part`` are of a rate."""

    column: StatisticColumn
    value: Decimal | None
    part: Decimal | None = None
    whole: Decimal | None = None

    @property
    def text(self) -> str:
        """The value with as many places as the column has; a rate in per cent, a dash for none."""
        if self.value is None:
            return "—"
        if self.column.kind == "rate":
            return f"{self.value:.1f}%"
        return f"{self.value:.{self.column.digits}f}"


def own(db: Session, row: StatisticReturn) -> Sums:
    """Return the sums over a return's own cases and rows, and what its unit entered."""
    rows = db.execute(
        select(ReturnCell.key, func.sum(ReturnCell.amount))
        .where(ReturnCell.return_id == row.id)
        .group_by(ReturnCell.key)
    )
    found = Counter({key: int(amount) for key, amount in rows})
    for cells in db.scalars(select(ReturnEntry.cells).where(ReturnEntry.return_id == row.id)):
        found.update(cells)
    found.update(row.entered)
    return {key: amount for key, amount in sorted(found.items()) if amount}


def of(db: Session, row: StatisticReturn) -> Sums:
    """Return all sums of a return, with those of the signed returns that it adds up."""
    found = Counter(own(db, row))
    parts = db.scalars(
        select(StatisticReturn.sums)
        .join(ReturnPart, ReturnPart.part_id == StatisticReturn.id)
        .where(ReturnPart.return_id == row.id)
    )
    for sums in parts:
        found.update(sums or {})
    return {key: amount for key, amount in sorted(found.items()) if amount}


def numbers(table: StatisticTable, sums: Mapping[str, int]) -> list[ReturnNumber]:
    """Return the columns of a table with their values."""
    return [_number(column, sums) for column in table.columns]


def _number(column: StatisticColumn, sums: Mapping[str, int]) -> ReturnNumber:
    if column.kind != "rate":
        return ReturnNumber(column, plain(sums.get(column.key, 0)))
    part, whole = plain(sums.get(column.part, 0)), plain(sums.get(column.whole, 0))
    return ReturnNumber(column, 100 * part / whole if whole else None, part, whole)


def plain(amount: int) -> Decimal:
    """Return millionths as the number that they are."""
    return Decimal(amount) / MILLIONTHS
