"""Counters as a test reads them: what was folded and what waits, together."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.models import Tally, TallyDelta


def totals(db: Session, unit_ids: list[int]) -> dict[tuple[int, str, str], int]:
    """Folded and unfolded counts together, by unit, process and measure."""
    found: dict[tuple[int, str, str], int] = {}
    for table in (Tally, TallyDelta):
        found_rows = db.execute(
            select(table.unit_id, table.process, table.measure, func.sum(table.amount))
            .where(table.unit_id.in_(unit_ids))
            .group_by(table.unit_id, table.process, table.measure)
        )
        for unit_id, process, measure, amount in found_rows:
            key = (unit_id, process, measure)
            found[key] = found.get(key, 0) + int(amount)
    return found
