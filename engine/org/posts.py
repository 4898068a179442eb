"""Posts and deputies: who sits where, from when until when.

A row is one period: filling or vacating a post closes its row and opens the next one, so that
the rows themselves tell who held what when.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from engine import settings
from engine.access import sessions
from engine.access.actors import actor_of
from engine.errors import Conflict, Refusal, Rejected
from engine.models import Deputy, Post, Unit, User, new_id
from engine.org.handover import release_tasks
from engine.records import audit
from engine.roles import ADMIN, ROLES
from engine.storage.db import one_at_a_time
from feel.text import Text

# Key of the lock under which administrators become fewer.
ADMINISTRATORS = 620_728


class PostEnded(Conflict):
    """The post was ended, filled or vacated meanwhile."""

    text = Text("该岗位刚被变更，请刷新后重试。", "This post has just been changed; look again.")


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
) -> Post:
    """Add a post, held or vacant. Raises Rejected."""
    errors: dict[str, Text] = {}
    if role not in ROLES:
        errors["role"] = Text("没有这个角色。", "There is no such role.")
    if unit.ended_at is not None:
        errors["unit"] = Text("单位已停用。", "The unit has ended.")
    errors |= _holder_errors(db, unit.id, role, user)
    if errors:
        raise Rejected(errors)
    return _opened(db, actor_id, unit.id, role, user, "post.created", now)


def fill_post(db: Session, actor_id: int | None, post: Post, user: User, *, now: datetime) -> Post:
    """Put somebody into a vacant post; returns the row of the new period.

    Raises Rejected, or PostEnded when the post is no longer vacant.
    """
    _lock(db, post)
    if post.user_id is not None:
        raise PostEnded(post.id)
    errors = _holder_errors(db, post.unit_id, post.role, user)
    if errors:
        raise Rejected(errors)
    _close(db, post, now)
    return _opened(db, actor_id, post.unit_id, post.role, user, "post.filled", now)


def vacate_post(db: Session, actor_id: int | None, post: Post, *, now: datetime) -> Post:
    """Take the holder out; the post stays, vacant. Returns the row of the vacancy.

    What the holder had signed for in it goes back to the queue. Raises PostEnded,
    LastAdministrator.
    """
    _lock(db, post)
    if post.user_id is None:
        raise PostEnded(post.id)
    _leave(db, actor_id, post, now)
    return _opened(db, actor_id, post.unit_id, post.role, None, "post.vacated", now)


def end_post(db: Session, actor_id: int | None, post: Post, *, now: datetime) -> None:
    """Abolish a post, held or vacant. Raises PostEnded, LastAdministrator."""
    _lock(db, post)
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
        _lock(db, post)
        released += _leave(db, actor_id, post, now)
        _opened(db, actor_id, post.unit_id, post.role, None, "post.vacated", now)
    running = select(Deputy).where(Deputy.user_id == user.id, Deputy.until_at > now)
    _end_deputies(db, db.scalars(running), now)
    return released


def create_deputy(
    db: Session,
    actor_id: int | None,
    *,
    post: Post,
    user: User,
    from_at: datetime,
    until_at: datetime,
    now: datetime,
    reason: str = "",
) -> Deputy:
    """Let somebody stand in for the holder of a post for a period.

    Raises PostEnded, or Rejected, also when somebody else stands in on one of these days.
    """
    _lock(db, post)
    errors = _overlap(db, post, from_at, until_at)
    if until_at <= from_at or until_at <= now:
        errors["until_at"] = Text("结束时间须晚于开始和现在。", "The end must lie ahead.")
    if user.id == post.user_id:
        errors["user"] = Text("本人不能代理本人。", "Nobody deputises for themselves.")
    elif user.ended_at is not None:
        errors["user"] = Text("该用户已停用。", "This user has ended.")
    if errors:
        raise Rejected(errors)
    deputy = Deputy(
        id=new_id(),
        post_id=post.id,
        user_id=user.id,
        from_at=from_at,
        until_at=until_at,
        reason=reason[:200],
    )
    db.add(deputy)
    data = {"post": post.id, "user": user.id, "until": until_at.isoformat()}
    audit.record_admin(db, "deputy.created", actor_id, data, at=now)
    return deputy


def end_deputy(db: Session, actor_id: int | None, deputy: Deputy, *, now: datetime) -> None:
    """End a deputyship before its time; one that has not begun is taken back."""
    data = {"post": deputy.post_id, "user": deputy.user_id}
    _end_deputies(db, [deputy], now)
    audit.record_admin(db, "deputy.ended", actor_id, data, at=now)


def _overlap(db: Session, post: Post, from_at: datetime, until_at: datetime) -> dict[str, Text]:
    """The error of a period in which somebody stands in already; the table refuses it, too."""
    taken = (
        select(Deputy, User.name)
        .join(User, User.id == Deputy.user_id)
        .where(Deputy.post_id == post.id, Deputy.from_at < until_at, Deputy.until_at > from_at)
    )
    row = db.execute(taken.order_by(Deputy.from_at).limit(1)).first()
    if row is None:
        return {}
    deputy, name = row
    first, last = _local_day(deputy.from_at), _local_day(deputy.until_at - timedelta(seconds=1))
    return {
        "from_at": Text(
            f"{first} 至 {last} 已由{name}代理该岗位，时间不能重叠。",
            f"{name} stands in for this post from {first} to {last}; periods cannot overlap.",
        )
    }


def _local_day(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(settings.current().timezone)):%Y-%m-%d}"


def _lock(db: Session, post: Post) -> None:
    db.refresh(post, with_for_update=True)
    if post.until_at is not None:
        raise PostEnded(post.id)


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
    _end_deputies(db, db.scalars(running), now)
    db.flush()


def _end_deputies(db: Session, deputies: Iterable[Deputy], now: datetime) -> None:
    for deputy in list(deputies):
        if deputy.from_at >= now:
            db.delete(deputy)
        else:
            deputy.until_at = min(deputy.until_at, now)
    db.flush()


def _opened(
    db: Session,
    actor_id: int | None,
    unit_id: int,
    role: str,
    user: User | None,
    kind: str,
    now: datetime,
) -> Post:
    holder = user.id if user else None
    post = Post(id=new_id(), unit_id=unit_id, role=role, user_id=holder, from_at=now)
    db.add(post)
    audit.record_admin(db, kind, actor_id, _data(post), at=now)
    return post


def _holder_errors(db: Session, unit_id: int, role: str, user: User | None) -> dict[str, Text]:
    if user is None:
        return {}
    if user.ended_at is not None:
        return {"user": Text("该用户已停用。", "This user has ended.")}
    same = select(Post.id).where(
        Post.unit_id == unit_id,
        Post.role == role,
        Post.user_id == user.id,
        Post.until_at.is_(None),
    )
    if db.scalar(same) is not None:
        return {"user": Text("此人已任该岗位。", "This person holds the post already.")}
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
