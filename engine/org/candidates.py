"""Whom to offer for a post or as a deputy: fitting people, the nearest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, case, exists, select
from sqlalchemy.orm import Session

from engine.access import duties
from engine.access.actors import Actor
from engine.models import Post, Unit, User
from engine.org.reach import Reach, accounts
from engine.org.register import PostRow
from engine.roles import ROLES

MOST = 300


def for_post(db: Session, reach: Reach, unit: Unit, now: datetime) -> list[User]:
    """Return people within reach for a post in the unit: new ones, colleagues, neighbours."""
    order = case(
        (~_holds(), 0),
        (_holds(Post.unit_id == unit.id), 1),
        (_holds(_near(unit, wide=False)), 2),
        else_=3,
    )
    wanted = select(User).where(User.ended_at.is_(None), accounts(reach, now))
    return list(db.scalars(wanted.order_by(order, User.login).limit(MOST)))


def for_deputy(
    db: Session,
    actor: Actor,
    rows: Sequence[PostRow],
    now: datetime,
    *,
    login: str | None = None,
) -> list[User]:
    """Return who may stand in for all of these posts, colleagues of the unit first.

    They are people of the same township, else of the county; for a post that watches over
    others of the whole county, and never those whom it watches. ``login`` asks for one alone.
    """
    if not rows:
        return []
    units = [row.unit.id for row in rows]
    near = (_holds(_near(row.unit, bool(ROLES[row.post.role].watches))) for row in rows)
    fitting = (duties.fit(row.unit, row.post.role, now) for row in rows)
    # Nobody stands in for themselves, nor appoints themselves.
    but = {actor.user_id, *(row.post.user_id for row in rows if row.post.user_id is not None)}
    wanted = select(User).where(User.ended_at.is_(None), User.id.not_in(but), *near, *fitting)
    if login is not None:
        wanted = wanted.where(User.login == login)
    order = case((_holds(Post.unit_id.in_(units)), 0), else_=1)
    return list(db.scalars(wanted.order_by(order, User.name, User.id).limit(MOST)))


def _holds(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition on ``User``: holds a post, one of which these hold (on ``Post`` and
    ``Unit``).
    """
    held = (
        select(Post.id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(Post.user_id == User.id, Post.until_at.is_(None), *conditions)
    )
    return exists(held.correlate(User))


def _near(unit: Unit, wide: bool) -> ColumnElement[bool]:
    if unit.at_township is not None and not wide:
        return Unit.at_township == unit.at_township
    return Unit.at_county == unit.at_county
