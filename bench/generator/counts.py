"""What a played case counted, by the slots of its units: of measures, and of steps and ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.models import CaseWay, StepDelta, TallyDelta, Way

# A measure, or what a step counted: kind, element, minutes, allowed, limited, late.
Counted = str | tuple[str, str, int, int, int, int]
# The slot of a unit, what was counted, the day, how many.
SlotCount = tuple[str, Counted, str, int]


def deltas(db: Session, slots: Mapping[int, str]) -> Iterator[SlotCount]:
    """Yield all that waits to be folded, which is one case's."""
    for row in db.scalars(select(TallyDelta).order_by(TallyDelta.id)):
        yield slots[row.unit_id], row.measure, row.day, row.amount
    for step in db.scalars(select(StepDelta).order_by(StepDelta.id)):
        took = (step.minutes, step.allowed, step.limited, step.late)
        yield slots[step.unit_id], (step.kind, step.element, *took), step.day, step.amount


def way(db: Session, case_id: int) -> dict[str, Any] | None:
    """Return the way that a case went, as a row; None of an open one."""
    mine = select(Way).join(CaseWay, CaseWay.way == Way.key)
    row = db.scalar(mine.where(CaseWay.case_id == case_id))
    if row is None:
        return None
    return {"key": row.key, "process": row.process, "steps": row.steps, "end": row.end}
