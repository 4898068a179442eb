"""The cases behind a mark or a part of the map: exactly those, within one's rights."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import null, select
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.geo.outlines import CountyShapes
from engine.models import Case, Unit
from engine.reading.worklists import PAGE_SIZE, RowsPage
from engine.reports import listing, map_view
from engine.reports.map_view import MapQuery


def entries(
    db: Session,
    actor: Actor,
    asked: MapQuery,
    shapes: CountyShapes | None,
    now: datetime,
    *,
    after: int | None = None,
    size: int = PAGE_SIZE,
) -> RowsPage:
    """Return one page of the cases, the newest first; one statement."""
    found = _cases().where(*map_view.conditions(asked, now), policy.visible_cases(actor))
    if asked.cell is not None and shapes is not None:
        found = found.where(map_view.in_cell(db, shapes, asked.cell))
    return listing.page_of(db, found, after, size)


def _cases() -> Any:
    nothing = [null().label(name) for name in ("task_id", "step", "step_en", "person")]
    task_id, *step = nothing
    return (
        select(Case.id.label("key"), Case.id, task_id)
        .add_columns(Case.number, Case.title, Case.place_name, Case.process, Unit.name, *step)
        .add_columns(Case.opened_at, Case.due_at, null().label("warn_at"), Case.closed_at)
        .join(Unit, Unit.id == Case.place_id)
    )
