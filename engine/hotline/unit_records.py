"""What a unit has in hand and how it keeps its limits: beside whoever chooses one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.hotline import likely_duplicates
from engine.hotline.likely_duplicates import DuplicateCandidate
from engine.models import Case, Precedent, Tally, TallyDelta, Unit
from engine.reading import folding
from engine.storage.tallies import STOCKS

DAYS = 90
MEASURES = ("done_limited", "done_in_time")
# So many of the newest rulings are compared; one is offered whose title says so much of the same.
NEWEST, LEAST = 300, 0.3


@dataclass(frozen=True)
class UnitRecord:
    """A unit with its open tasks, and what of the last ninety days ended in time."""

    code: str
    name: str
    open: int
    in_time: int
    limited: int

    @property
    def percent(self) -> int | None:
        """The share that ended in time; None where nothing with a limit ended."""
        return round(100 * self.in_time / self.limited) if self.limited else None


@dataclass(frozen=True)
class EarlierRuling:
    """A case like this one, and the unit that a ruling gave it to."""

    case_id: int
    number: str
    title: str
    unit_id: int


def of_units(db: Session, ids: Collection[int], now: datetime) -> dict[int, UnitRecord]:
    """Return the record of each unit, in no order; two statements."""
    if not ids:
        return {}
    since = (now - timedelta(days=DAYS)).date().isoformat()
    counted = union_all(
        *(
            select(table.unit_id, table.measure, table.amount).where(
                table.unit_id.in_(ids),
                table.measure.in_(("waiting", "handling"))
                | (table.measure.in_(MEASURES) & (table.day >= since)),
            )
            for table in (Tally, TallyDelta)
        )
    ).subquery()
    sums = select(counted.c.unit_id, counted.c.measure, func.sum(counted.c.amount))
    amounts: dict[tuple[int, str], int] = {}
    for unit_id, measure, amount in db.execute(sums.group_by(counted.c.unit_id, counted.c.measure)):
        key = (unit_id, "open" if measure in STOCKS else measure)
        amounts[key] = amounts.get(key, 0) + int(amount)
    return {
        unit.id: UnitRecord(
            unit.code,
            unit.name,
            *(amounts.get((unit.id, key), 0) for key in ("open", "done_in_time", "done_limited")),
        )
        for unit in db.scalars(select(Unit).where(Unit.id.in_(ids)))
    }


def ruling_like(db: Session, actor: Actor, case: Case) -> EarlierRuling | None:
    """Return the visible ruling about the case most like this one; one statement."""
    rows = db.execute(
        select(Case.id, Case.number, Case.title, Case.place_id, Case.opened_at, Precedent.unit_id)
        .join(Case, (Case.id == Precedent.case_id) & (Case.county_id == Precedent.county_id))
        .where(
            Precedent.county_id == case.county_id,
            Precedent.process == case.process,
            Case.id != case.id,
            ~Case.guarded,
            policy.visible_cases(actor),
        )
        .order_by(Precedent.id.desc())
        .limit(NEWEST)
    ).all()
    ranked = _ranked(case, rows)
    return ranked[0] if ranked else None


def _ranked(case: Case, rows: Sequence[Any]) -> list[EarlierRuling]:
    # The newest ruling on a case holds.
    units = {row[0]: row[5] for row in reversed(rows)}
    candidates = [
        DuplicateCandidate(row[0], row[1], row[2], "", row[4], row[3], False) for row in rows
    ]
    found = likely_duplicates.rank(folding.fold(case.title), candidates, None, ())
    return [
        EarlierRuling(one.case.case_id, one.case.number, one.case.title, units[one.case.case_id])
        for one in found
        if one.worth >= LEAST
    ]
