"""What is known of a caller: their earlier cases, as far as the operator may read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.models import Case, Task, Unit
from engine.reading import people_index

MOST = 6


@dataclass(frozen=True)
class CallerCase:
    """One earlier case of a caller, with what there is to say of it."""

    case_id: int
    number: str
    title: str
    process: str
    opened_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    # The step that it waits for, and whose.
    step: str = ""
    step_en: str = ""
    unit: str = ""


def earlier(db: Session, actor: Actor, numbers: Sequence[str]) -> list[CallerCase]:
    """Return the caller's cases by telephone or identity number, open ones and new ones first.

    Two statements at most; none for what is no number. Only cases in which the actor may read who
    the people are, so nothing of a confidential one.
    """
    told = (people_index.named_by(one) for one in numbers)
    named = [one for one in told if one is not None]
    if not named:
        return []
    cases: dict[int, CallerCase] = {}
    for condition in named:
        rows = db.execute(
            select(
                Case.id,
                Case.number,
                Case.title,
                Case.process,
                Case.opened_at,
                Case.due_at,
                Case.answered_at,
                Case.closed_at,
            )
            .where(condition, people_index.readable(actor), policy.visible_cases(actor))
            .order_by(Case.closed_at.is_not(None), Case.id.desc())
            .limit(MOST)
        )
        cases |= {row.id: CallerCase(*row) for row in rows}
    waiting = _waiting(db, [one.case_id for one in cases.values() if one.closed_at is None])
    found = [_with_step(one, waiting) for one in cases.values()]
    return sorted(found, key=lambda one: (one.closed_at is not None, -one.case_id))[:MOST]


def _waiting(db: Session, ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    """Return the first open step of each case and the unit that has it."""
    if not ids:
        return {}
    rows = db.execute(
        select(Task.case_id, Task.name, Task.name_en, Unit.name)
        .join(Unit, Unit.id == Task.unit_id)
        .where(Task.case_id.in_(ids), Task.done_at.is_(None))
        .order_by(Task.id.desc())
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _with_step(one: CallerCase, waiting: dict[int, tuple[str, str, str]]) -> CallerCase:
    if one.case_id not in waiting:
        return one
    step, step_en, unit = waiting[one.case_id]
    return CallerCase(**{**vars(one), "step": step, "step_en": step_en, "unit": unit})
