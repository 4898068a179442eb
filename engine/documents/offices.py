"""Whose a paper is where nobody mediates: of the office at the step that it belongs to."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions import versions
from engine.models import Case, Task, Unit


def of_paper(db: Session, case: Case, kind: str) -> tuple[Unit, list[str]]:
    """Return the unit whose step names the paper, and the names of others at work now."""
    nodes = versions.load(db, case.version_id).definition.nodes.values()
    naming = {node.id for node in nodes if kind in node.papers}
    tasks = db.execute(
        select(Task.node_id, Task.unit_id, Unit.name, Task.done_at)
        .join(Unit, Unit.id == Task.unit_id)
        .where(Task.case_id == case.id, Task.county_id == case.county_id)
        .order_by(Task.id)
    ).all()
    own = [one.unit_id for one in tasks if one.node_id in naming]
    unit_id = (own or [one.unit_id for one in tasks] or [case.unit_id])[-1]
    others = [one.name for one in tasks if one.done_at is None and one.unit_id != unit_id]
    return db.get_one(Unit, unit_id), list(dict.fromkeys(others))
