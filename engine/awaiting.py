"""What a case waits for next: steps of people, or a moment at which it goes on by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from engine import policy, versions
from engine.bpmn.nodes import Node
from engine.errors import NotFound
from engine.models import Case, Due, Task, Unit
from engine.policy import Actor
from engine.versions import Published


@dataclass(frozen=True)
class Awaited:
    """The moment at which a case that waits for nobody goes on by itself, and its node."""

    at: datetime
    node: Node | None


@dataclass(frozen=True)
class Onward:
    """Where a case stands after a step: closed, or the open steps (name, name_en, unit)."""

    closed: bool
    steps: tuple[Any, ...]
    awaited: Awaited | None = None


def onward(db: Session, actor: Actor, case_id: int) -> Onward:
    """What a case waits for now, in one statement; in two where it is a moment.

    Raises NotFound if it is not visible.
    """
    open_ones = and_(Task.case_id == Case.id, Task.county_id == Case.county_id)
    of_case = Case.closed_at, Case.county_id, Case.version_id
    rows = db.execute(
        select(*of_case, Task.id, Task.name, Task.name_en, Unit.name.label("unit"))
        .outerjoin(Task, and_(open_ones, Task.done_at.is_(None)))
        .outerjoin(Unit, Unit.id == Task.unit_id)
        .where(Case.id == case_id, policy.visible_cases(actor))
        .order_by(Task.id)
    ).all()
    if not rows:
        raise NotFound(case_id)
    case, steps = rows[0], tuple(row for row in rows if row.id is not None)
    moment = None
    if case.closed_at is None and not steps:
        moment = awaited(db, case_id, case.county_id, versions.load(db, case.version_id))
    return Onward(case.closed_at is not None, steps, moment)


def awaited(db: Session, case_id: int, county_id: int, published: Published) -> Awaited | None:
    """The next moment of a case's timers."""
    timers = select(Due).where(
        Due.case_id == case_id, Due.county_id == county_id, Due.kind == "timer"
    )
    row = db.scalar(timers.order_by(Due.fire_at).limit(1))
    if row is None:
        return None
    return Awaited(row.fire_at, published.definition.nodes.get(str(row.data.get("node"))))
