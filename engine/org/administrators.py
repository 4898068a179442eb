"""Whom somebody asks for a post: the administrators next above their own units."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.models import Post, Unit, User
from engine.models.base import STAMPED_LEVELS
from engine.roles import ADMIN

# Nobody asks more people than these.
MOST_NAMED = 3


def nearest(db: Session, actor: Actor, *, now: datetime) -> list[tuple[str, str]]:
    """Return name and unit of the administrators of the lowest level above the actor's units.

    Above whoever has no post are those of the unit that their account belongs to. One statement
    for who has a post, two for who has none; nothing where nobody administers.
    """
    above = {unit for seat in actor.seats for unit in (seat.unit_id, *seat.stamps) if unit}
    if not actor.seats:
        owner = db.scalar(
            select(Unit).join(User, User.unit_id == Unit.id).where(User.id == actor.user_id)
        )
        stamps = (getattr(owner, f"at_{level}") for level in STAMPED_LEVELS) if owner else ()
        above = {unit for unit in stamps if unit} | ({owner.id} if owner else set())
    rows = db.execute(
        select(User.name, Unit.name, Unit.level)
        .join(Post, Post.user_id == User.id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(
            Post.role == ADMIN,
            Post.unit_id.in_(sorted(above)),
            Post.from_at <= now,
            or_(Post.until_at.is_(None), Post.until_at > now),
            or_(User.ended_at.is_(None), User.ended_at > now),
            User.id != actor.user_id,
        )
        .order_by(User.name)
    ).all()
    lowest = max((_depth(row.level) for row in rows), default=-1)
    found = [(row[0], row[1]) for row in rows if _depth(row.level) == lowest]
    return found[:MOST_NAMED]


def _depth(level: str) -> int:
    return STAMPED_LEVELS.index(level) if level in STAMPED_LEVELS else -1
