"""The places of a county as people choose among them: townships with their villages."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.models import Unit


def places_of(db: Session, where: Unit) -> list[tuple[Unit, list[Unit]]]:
    """Return townships with their villages, as people choose among them."""
    own = (Unit.at_county == where.id, Unit.kind == "area", Unit.ended_at.is_(None))
    rows = db.scalars(
        select(Unit).where(*own, Unit.level.in_(("township", "village"))).order_by(Unit.code)
    ).all()
    below: dict[int | None, list[Unit]] = defaultdict(list)
    for unit in rows:
        below[unit.at_township if unit.level == "village" else None].append(unit)
    return [(town, below[town.id]) for town in below[None]]
