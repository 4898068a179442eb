"""People of the house as forms offer and name them: those who hold a role in somebody's area."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.access.actors import Actor, Seat
from engine.models import Post, Unit, User
from engine.models.base import STAMPED_LEVELS

# More than these nobody looks through.
MOST = 300


def options(db: Session, actor: Actor, role: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return who holds a role in the actor's areas, by unit; one statement."""
    areas = [area for seat in actor.seats if (area := _area(seat)) is not None]
    if not areas:
        return []
    rows = db.execute(
        select(User.id, User.name, Unit.name.label("unit"))
        .join(Post, Post.user_id == User.id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(
            Post.role == role,
            Post.from_at <= actor.at,
            or_(Post.until_at.is_(None), Post.until_at > actor.at),
            or_(*(getattr(Unit, column) == unit_id for column, unit_id in areas)),
        )
        .order_by(Unit.code, User.name, User.id)
        .limit(MOST)
    )
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        groups.setdefault(row.unit, []).append((str(row.id), row.name))
    return list(groups.items())


def names(db: Session, ids: Iterable[str]) -> dict[str, str]:
    """Return names by id, for answers that hold ids; one statement, none for no ids."""
    wanted = sorted({int(one) for one in ids if one.isascii() and one.isdigit()})
    if not wanted:
        return {}
    rows = db.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    return {str(row.id): row.name for row in rows}


def _area(seat: Seat) -> tuple[str, int] | None:
    """Return the column and unit of the smallest area that a seat's unit is, or lies in."""
    if seat.level not in STAMPED_LEVELS:
        return None
    unit_id = seat.stamps[STAMPED_LEVELS.index(seat.level)]
    return None if unit_id is None else (f"at_{seat.level}", unit_id)
