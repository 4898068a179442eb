"""Ending posts: one administrator may at once, but where a power of two ends it is never unheard.

Whoever watches can be taken away by one of those whom they watch: a post that was given to the
wrong person must end without waiting for a second. So all who watch are notified, and the person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from engine import org
from engine.access.actors import Actor
from engine.models import Post, Unit, User
from engine.notices import outbox
from engine.org import confidential_units
from engine.roles import CONFIRMED, name_of, with_verb

WATCHERS = with_verb("audit") | with_verb("confirm") | with_verb("keep_reporter")


class GrantedPost(NamedTuple):
    """A post that two people gave, with its holder; ``notified_ids`` are notified of its end."""

    user: User
    unit: Unit
    role: str
    notified_ids: frozenset[int]


def vacate(db: Session, actor: Actor, post: Post, *, now: datetime) -> Post:
    """Take the holder out of a post. Raises what ``org.vacate_post`` raises."""
    ending = _powers(db, Post.id == post.id)
    left = org.vacate_post(db, actor.user_id, post, now=now)
    _notify(db, actor, ending, now)
    return left


def abolish(db: Session, actor: Actor, post: Post, *, now: datetime) -> None:
    """Abolish a post. Raises what ``org.end_post`` raises."""
    ending = _powers(db, Post.id == post.id)
    org.end_post(db, actor.user_id, post, now=now)
    _notify(db, actor, ending, now)


def end_user(db: Session, actor: Actor, user: User, *, now: datetime) -> int:
    """End an account with its posts; return how many tasks went back to their queues.

    Raises what ``org.end_user`` raises.
    """
    ending = _powers(db, Post.user_id == user.id)
    released = org.end_user(db, actor.user_id, user, now=now)
    _notify(db, actor, ending, now)
    return released


def end_unit(db: Session, actor: Actor, unit: Unit, *, heir: Unit | None, now: datetime) -> int:
    """End a unit with its posts; return how many cases changed hands.

    Raises what ``org.end_unit`` raises, and Conflict for one to which confidential cases go.
    """
    confidential_units.require_unnamed(db, unit)
    ending = _powers(db, Post.unit_id == unit.id)
    handed = org.end_unit(db, actor.user_id, unit, heir=heir, now=now)
    _notify(db, actor, ending, now)
    return handed


def _powers(db: Session, which: ColumnElement[bool]) -> list[GrantedPost]:
    """Return the powers among some posts, while all who watch still do."""
    held = (
        select(Post.role, User, Unit)
        .join(User, User.id == Post.user_id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(which, Post.until_at.is_(None), Post.role.in_(CONFIRMED))
        .order_by(Post.id)
    )
    rows = db.execute(held).all()
    return [GrantedPost(user, unit, role, _watching(db, unit)) for role, user, unit in rows]


def _watching(db: Session, unit: Unit) -> frozenset[int]:
    """Return who watches over a unit: from there, from above, or from an office beside these."""
    line = {unit.id, *(above.id for above in org.ancestors(db, unit))}
    posts = (
        select(Post.user_id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(
            Post.role.in_(WATCHERS),
            Post.until_at.is_(None),
            or_(Unit.id.in_(line), Unit.parent_id.in_(line)),
        )
    )
    return frozenset(user_id for user_id in db.scalars(posts) if user_id is not None)


def _notify(db: Session, actor: Actor, ending: Iterable[GrantedPost], now: datetime) -> None:
    for one in ending:
        name = name_of(one.role)
        cause = f"grant.ended:{one.unit.id}:{one.role}:{one.user.id}:{now.isoformat()}"
        for user_id in sorted((one.notified_ids | {one.user.id}) - {actor.user_id}):
            outbox.put_for_person(
                db,
                one.unit.at_county or one.unit.id,
                "grant.ended",
                user_id,
                cause=f"{cause}:{user_id}",
                now=now,
                text=f"{one.user.name}，{one.unit.name}{name.zh}（{actor.name}办理）",
                text_en=f"{one.user.name}, {one.unit.name}, {name.en} (by {actor.name})",
            )
