"""Posts: who sits where, from when until when.

A row is one period: filling or vacating a post closes its row and opens the next one, so that
the rows themselves tell who held what when.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from engine.access import duties, sessions
from engine.access.actors import actor_of
from engine.errors import InvalidInput, NotAllowed, Refusal
from engine.models import Deputy, Post, Unit, User, new_id
from engine.org.deputies import cut_short, rechain
from engine.org.handover import release_tasks
from engine.org.post_lock import PostEnded, lock_post
from engine.records import audit
from engine.roles import ADMIN, CONFIRMED, ROLES
from engine.storage.db import one_at_a_time
from feel.text import Text

# Key of the lock under which administrators become fewer.
ADMINISTRATORS = 620_728


class LastAdministrator(Refusal):
    """Nobody would be left who can appoint anybody."""

    text = Text(
        "这是最后一名管理员，请先任命另一名。",
        "This is the last administrator; appoint another first.",
    )


def create_post(
    db: Session,
    actor_id: int | None,
    *,
    unit: Unit,
    role: str,
    user: User | None = None,
    now: datetime,
    confirmed_by: int | None = None,
) -> Post:
    """Add a post, held or vacant.

    Raises InvalidInput, or NotAllowed for a role that a second person has to confirm and did not.
    """
    errors: dict[str, Text] = {}
    if role not in ROLES:
        errors["role"] = Text("无此角色。", "There is no such role.")
    if unit.ended_at is not None:
        errors["unit"] = Text("单位已停用。", "The unit is deactivated.")
    errors |= _holder_errors(db, actor_id, unit, role, user, now)
    if errors:
        raise InvalidInput(errors)
    _require_second(actor_id, role, user, confirmed_by)
    return _opened(db, actor_id, unit.id, role, user, "post.created", now, confirmed_by)


def fill_post(
    db: Session,
    actor_id: int | None,
    post: Post,
    user: User,
    *,
    now: datetime,
    confirmed_by: int | None = None,
) -> Post:
    """Put somebody into a vacant post; return the row of the new period.

    Raises InvalidInput, PostEnded when the post is no longer vacant, or NotAllowed for a role that
    a second person has to confirm and did not.
    """
    lock_post(db, post)
    if post.user_id is not None:
        raise PostEnded(post.id)
    unit = db.get_one(Unit, post.unit_id)
    errors = _holder_errors(db, actor_id, unit, post.role, user, now)
    if errors:
        raise InvalidInput(errors)
    _require_second(actor_id, post.role, user, confirmed_by)
    _close(db, post, now)
    return _opened(db, actor_id, unit.id, post.role, user, "post.filled", now, confirmed_by)


def vacate_post(db: Session, actor_id: int | None, post: Post, *, now: datetime) -> Post:
    """Take the holder out; the post stays, vacant. Returns the row of the vacancy.

    What the holder had signed for in it goes back to the queue. Raises PostEnded,
    LastAdministrator.
    """
    lock_post(db, post)
    if post.user_id is None:
        raise PostEnded(post.id)
    _leave(db, actor_id, post, now)
    return _opened(db, actor_id, post.unit_id, post.role, None, "post.vacated", now)


def end_post(db: Session, actor_id: int | None, post: Post, *, now: datetime) -> None:
    """Abolish a post, held or vacant. Raises PostEnded, LastAdministrator."""
    lock_post(db, post)
    _leave(db, actor_id, post, now)
    audit.record_admin(db, "post.ended", actor_id, _data(post), at=now)


def end_posts_of(db: Session, actor_id: int | None, unit: Unit, *, now: datetime) -> None:
    """Abolish every post of a unit that ends; its open work has been handed over before."""
    for post in _in_force(db, Post.unit_id == unit.id):
        end_post(db, actor_id, post, now=now)


def vacate_posts_of(db: Session, actor_id: int | None, user: User, *, now: datetime) -> int:
    """Take a user who ends out of every post and deputyship.

    Returns how many tasks went back to their queues. Raises LastAdministrator.
    """
    released = 0
    for post in _in_force(db, Post.user_id == user.id):
        lock_post(db, post)
        released += _leave(db, actor_id, post, now)
        _opened(db, actor_id, post.unit_id, post.role, None, "post.vacated", now)
    running = select(Deputy).where(Deputy.user_id == user.id, Deputy.until_at > now)
    ended = list(db.scalars(running))
    cut_short(db, ended, now)
    if ended:
        rechain(db, now)
    return released


def _leave(db: Session, actor_id: int | None, post: Post, now: datetime) -> int:
    released = 0
    if post.user_id is not None:
        _require_other_administrator(db, post, now)
        user = db.get_one(User, post.user_id)
        actor = actor_of(db, actor_id, now) if actor_id is not None else None
        seat = (post.unit_id, post.role)
        released = release_tasks(db, user, actor, now, reason="post_left", seats=[seat])
        # What is open in their browsers was opened with what they no longer are.
        sessions.end_all(db, user.id)
    _close(db, post, now)
    return released


def _close(db: Session, post: Post, now: datetime) -> None:
    # A post made for the future and closed before it began was never in force.
    post.until_at = max(now, post.from_at)
    running = select(Deputy).where(Deputy.post_id == post.id, Deputy.until_at > now)
    ended = list(db.scalars(running))
    cut_short(db, ended, now)
    if ended:
        rechain(db, now)


def _opened(
    db: Session,
    actor_id: int | None,
    unit_id: int,
    role: str,
    user: User | None,
    kind: str,
    now: datetime,
    confirmed_by: int | None = None,
) -> Post:
    post = Post(id=new_id(), unit_id=unit_id, role=role, from_at=now)
    if user is not None:
        post.user_id, post.granted_by, post.confirmed_by = user.id, actor_id, confirmed_by
        # An account that the system made belongs to the unit that first seats it.
        user.unit_id = user.unit_id or unit_id
        for by_id in (actor_id, confirmed_by):
            duties.note(db, by_id, user.id, "appointed", now=now)
    db.add(post)
    audit.record_admin(db, kind, actor_id, _data(post), at=now)
    return post


def _require_second(
    actor_id: int | None, role: str, user: User | None, confirmed_by: int | None
) -> None:
    """Nobody alone gives a role of which two have to agree; the system itself may."""
    if actor_id is not None and user is not None and role in CONFIRMED and confirmed_by is None:
        raise NotAllowed("grant", role)


def _holder_errors(
    db: Session, actor_id: int | None, unit: Unit, role: str, user: User | None, now: datetime
) -> dict[str, Text]:
    if user is None:
        return {}
    unit_id = unit.id
    if user.id == actor_id:
        return {"user": duties.ONESELF}
    if user.ended_at is not None:
        return {"user": Text("该用户已停用。", "This account is deactivated.")}
    same = select(Post.id).where(
        Post.unit_id == unit_id,
        Post.role == role,
        Post.user_id == user.id,
        Post.until_at.is_(None),
    )
    if db.scalar(same) is not None:
        return {"user": Text("此人已在该岗位。", "This person holds the post already.")}
    if actor_id is not None and role in ROLES:
        fault = duties.conflict(db, unit, role, user.id, now)
        return {} if fault is None else {"user": fault}
    return {}


def _require_other_administrator(db: Session, post: Post, now: datetime) -> None:
    if post.role != ADMIN:
        return
    # Two administrators who take each other out would each find the other still there.
    one_at_a_time(db, ADMINISTRATORS)
    others = (
        select(func.count())
        .select_from(Post)
        .join(User, User.id == Post.user_id)
        .where(
            Post.role == ADMIN,
            Post.id != post.id,
            Post.user_id != post.user_id,
            or_(Post.until_at.is_(None), Post.until_at > now),
            User.ended_at.is_(None),
        )
    )
    if not db.scalar(others):
        raise LastAdministrator(post.id)


def _in_force(db: Session, condition: ColumnElement[bool]) -> list[Post]:
    found = select(Post).where(condition, Post.until_at.is_(None))
    return list(db.scalars(found.order_by(Post.id)))


def _data(post: Post) -> dict[str, int | str | None]:
    return {"post": post.id, "unit": post.unit_id, "role": post.role, "user": post.user_id}
