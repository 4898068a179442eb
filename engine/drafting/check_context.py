"""What a definition is checked against beside its own files: the units, and who sits in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.orm import Session

from engine import settings
from engine.bpmn.check import NOTHING, CheckContext, RoleGap
from engine.models import Deputy, Post, Unit, User
from engine.org.seats import ARMS
from engine.roles import ROLES

NAMED = 3


def current_context(db: Session, now: datetime) -> CheckContext:
    """Return the tree and its posts as they are now, nothing while there is no tree; three
    statements.
    """
    query = select(Unit.id, Unit.code, Unit.name, Unit.level, Unit.kind, Unit.parent_id)
    units = db.execute(query.where(Unit.ended_at.is_(None)).order_by(Unit.code)).all()
    if not units:
        return NOTHING
    named = frozenset(word for unit in units for word in (unit.code, unit.name))
    held = set(_occupied_seats(db, units, now))
    areas = {
        level: [unit for unit in units if unit.kind == "area" and unit.level == level]
        for level in settings.current().levels
    }
    gaps = {role: {level: _gap(role, areas[level], held) for level in areas} for role in ROLES}
    return CheckContext(units=named, gaps=gaps)


def _occupied_seats(
    db: Session, units: Sequence[Row[Any]], now: datetime
) -> Iterator[tuple[int, str]]:
    """Area and role for every seat that somebody sits in, or stands in for."""
    level = {unit.id: unit.level for unit in units}
    # A centre, committee or department of an area's own level works for the area.
    area = {
        unit.id: unit.parent_id
        for unit in units
        if unit.kind in ARMS and unit.parent_id and level.get(unit.parent_id) == unit.level
    }
    in_force = and_(Post.from_at <= now, or_(Post.until_at.is_(None), Post.until_at > now))
    employed = or_(User.ended_at.is_(None), User.ended_at > now)
    own = select(Post.unit_id, Post.role).join(User, User.id == Post.user_id)
    standing_in = (
        select(Post.unit_id, Post.role)
        .join(Deputy, Deputy.post_id == Post.id)
        .join(User, User.id == Deputy.user_id)
        .where(Deputy.from_at <= now, Deputy.until_at > now)
    )
    for query in (own, standing_in):
        for unit_id, role in db.execute(query.where(in_force, employed).distinct()):
            yield unit_id, role
            if unit_id in area:
                yield area[unit_id], role


def _gap(
    role: str,
    areas: list[Row[Any]],
    held: set[tuple[int, str]],
) -> RoleGap:
    lacking = [unit.name for unit in areas if (unit.id, role) not in held]
    return RoleGap(len(lacking), len(areas), tuple(lacking[:NAMED]))
