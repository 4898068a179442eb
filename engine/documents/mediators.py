"""Who has mediated a case: whoever did its mediation tasks, not a name that somebody typed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.models import Case, Task, Unit, User

# Whoever wrote the application down has not mediated yet, unless nothing else had to be done.
BEFORE = ("apply",)


def of_case(db: Session, case: Case) -> tuple[Unit | None, list[str]]:
    """Return the unit that mediates, if anybody does, and who has mediated there."""
    found = db.execute(
        select(Task.unit_id, Task.node_id, User.name)
        .outerjoin(User, User.id == Task.done_by)
        .where(
            Task.case_id == case.id,
            Task.county_id == case.county_id,
            Task.role == "mediator",
        )
        .order_by(Task.id)
    ).all()
    rows = [row for row in found if row.node_id not in BEFORE] or list(found)
    if not rows:
        return None, []
    unit_id = rows[-1].unit_id
    names = [row.name for row in rows if row.unit_id == unit_id and row.name]
    return db.get_one(Unit, unit_id), list(dict.fromkeys(names))
