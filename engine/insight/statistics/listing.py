"""The cases behind a number of a return, and the lines of its list.

A case that the reader may not see is counted and not listed, and so is every confidential one:
its number, its matter and its line stay away, and nothing leads to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import exists, func, literal, or_, select
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.insight.statistics.counting import GAP
from engine.insight.statistics.sums import plain
from engine.models import (
    Case,
    Confidentiality,
    ReturnCell,
    ReturnPart,
    ReturnRow,
    StatisticReturn,
    Unit,
)

PAGE_SIZE = 50


@dataclass(frozen=True)
class ReturnLine:
    """One case of a return, and which unit's it is; ``amount`` is what it adds to the number."""

    case_id: int
    number: str
    title: str
    unit: str
    unit_id: int
    return_id: int
    amount: Any = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ReturnLines:
    """One page of lines; ``hidden`` is how many more the reader may not see, on all pages."""

    lines: Sequence[ReturnLine]
    after: str | None
    hidden: int


def family(db: Session, row: StatisticReturn) -> list[int]:
    """Return a return with all that it adds up, down to the lowest."""
    tree = select(ReturnPart.part_id).where(ReturnPart.return_id == row.id).cte(recursive=True)
    tree = tree.union_all(
        select(ReturnPart.part_id).join(tree, ReturnPart.return_id == tree.c.part_id)
    )
    return [row.id, *db.scalars(select(tree.c.part_id))]


def behind(
    db: Session,
    actor: Actor,
    row: StatisticReturn,
    key: str,
    *,
    after: int | None = None,
    size: int = PAGE_SIZE,
) -> ReturnLines:
    """Return one page of the cases behind a number; three statements."""
    mine = [ReturnCell.return_id.in_(family(db, row)), ReturnCell.key == key]
    query = (
        select(Case.id, Case.number, Case.title, Unit.name, Unit.id, ReturnCell.return_id)
        .add_columns(ReturnCell.amount, ReturnRow.facts, ReturnRow.texts)
        .select_from(ReturnCell)
        .join(
            ReturnRow,
            (ReturnRow.return_id == ReturnCell.return_id)
            & (ReturnRow.case_id == ReturnCell.case_id),
        )
    )
    count = select(func.count()).select_from(ReturnCell).where(*mine)
    return _page(db, actor, query.where(*mine), count, ReturnCell.case_id, after, size)


def lines(
    db: Session,
    actor: Actor,
    row: StatisticReturn,
    *,
    after: int | None = None,
    size: int = PAGE_SIZE,
) -> ReturnLines:
    """Return one page of all cases of a return with the texts of their lines."""
    mine = ReturnRow.return_id.in_(family(db, row))
    query = (
        select(Case.id, Case.number, Case.title, Unit.name, Unit.id, ReturnRow.return_id)
        .add_columns(literal(0), ReturnRow.facts, ReturnRow.texts)
        .select_from(ReturnRow)
    )
    count = select(func.count()).select_from(ReturnRow).where(mine)
    return _page(db, actor, query.where(mine), count, ReturnRow.case_id, after, size)


def gaps(sums: Mapping[str, int]) -> dict[str, int]:
    """Return how many cases lack what, by the key of the gap."""
    found = {key: int(plain(amount)) for key, amount in sums.items() if key.startswith(GAP)}
    return {key.removeprefix(GAP): amount for key, amount in found.items()}


def _page(
    db: Session, actor: Actor, query: Any, count: Any, key: Any, after: int | None, size: int
) -> ReturnLines:
    seen = policy.visible_cases(actor)
    lifted = exists().where(
        Confidentiality.case_id == Case.id, Confidentiality.lifted_id.is_not(None)
    )
    query = (
        query.join(Case, Case.id == key)
        .join(StatisticReturn, StatisticReturn.id == query.selected_columns[5])
        .join(Unit, Unit.id == StatisticReturn.unit_id)
        .where(seen, or_(Case.guarded.is_(False), lifted))
    )
    all_seen = db.scalar(select(func.count()).select_from(query.subquery()))
    hidden = (db.scalar(count) or 0) - (all_seen or 0)
    if after is not None:
        query = query.where(key < after)
    rows = db.execute(query.order_by(key.desc()).limit(size + 1)).all()
    more = str(rows[size - 1][0]) if len(rows) > size else None
    found = tuple(
        ReturnLine(
            case_id=row[0],
            number=row[1],
            title=row[2],
            unit=row[3],
            unit_id=row[4],
            return_id=row[5],
            amount=plain(row[6]),
            facts=row[7],
            texts=row[8],
        )
        for row in rows[:size]
    )
    return ReturnLines(found, more, hidden)
