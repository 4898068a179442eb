"""Queues in which nobody sits, with what waits there; reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.models import Case, Post, Task, Unit
from engine.reports.area import Area

# More rows nobody works off by hand.
MOST = 200


@dataclass(frozen=True)
class EmptyQueue:
    """A role in a unit that nobody holds though tasks wait for it; ``vacant`` or no such post."""

    unit: Unit
    role: str
    tasks: int
    late: int
    since: datetime
    oldest: int
    oldest_case: int
    vacant: bool


def find(db: Session, actor: Actor, area: Area, now: datetime) -> list[EmptyQueue]:
    """Return the empty queues of an area, the longest empty first; four statements."""
    rows = _rows(db, actor, area, now)
    if not rows:
        return []
    ids, oldest = {row.unit_id for row in rows}, {row.oldest for row in rows}
    units = {unit.id: unit for unit in db.scalars(select(Unit).where(Unit.id.in_(ids)))}
    first = select(Task.id, Task.case_id).where(Task.id.in_(oldest))
    cases = dict(db.execute(first).tuples().all())
    in_force = or_(Post.until_at.is_(None), Post.until_at > now)
    posts = set(
        db.execute(select(Post.unit_id, Post.role).where(Post.unit_id.in_(ids), in_force)).tuples()
    )
    return [
        EmptyQueue(
            units[row.unit_id],
            row.role,
            row.tasks,
            row.late,
            row.since,
            row.oldest,
            cases[row.oldest],
            (row.unit_id, row.role) in posts,
        )
        for row in rows
    ]


def _rows(db: Session, actor: Actor, area: Area, now: datetime) -> Sequence[Row[Any]]:
    waits = (
        Task.done_at.is_(None),
        Task.assignee_id.is_(None),
        Task.queue_empty_since.is_not(None),
    )
    since = func.min(Task.queue_empty_since)
    query = (
        select(
            Task.unit_id,
            Task.role,
            func.count().label("tasks"),
            func.count().filter(Task.deadline_at <= now).label("late"),
            since.label("since"),
            func.min(Task.id).label("oldest"),
        )
        .join(Case, and_(Case.id == Task.case_id, Case.county_id == Task.county_id))
        .join(Unit, Unit.id == Task.unit_id)
        .where(*waits, area.holds(Unit), policy.visible_tasks(actor), policy.within_now(actor))
        .group_by(Task.unit_id, Task.role)
    )
    return db.execute(query.order_by(since, Task.unit_id, Task.role).limit(MOST)).all()
