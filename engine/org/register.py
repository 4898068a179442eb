"""What administrators look up: units under a unit, posts, users, histories; reads only.

An administrator reaches the area of the unit where the post is, and nothing outside it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from engine.errors import NotFound
from engine.models import Deputy, Post, Task, Unit, UnitChange, User
from engine.org.reach import Reach, accounts
from engine.terms.levels import LEVELS

PAGE_SIZE = 50
MOST_CANDIDATES = 300


@dataclass(frozen=True)
class UnitRow:
    """A unit in a list, with what belongs to it."""

    unit: Unit
    children: int
    posts: int
    vacant: int


@dataclass(frozen=True)
class PostRow:
    """A post with its holder and the deputies whose time is not over."""

    post: Post
    unit: Unit
    user: User | None
    deputies: tuple[tuple[Deputy, User], ...] = ()


@dataclass(frozen=True)
class ChangeRow:
    """One line of a unit's history; codes of units are already names."""

    at: datetime
    kind: str
    before: str | None
    after: str | None
    actor: str | None


@dataclass(frozen=True)
class UserRow:
    """A user in a list, with the posts held now."""

    user: User
    posts: tuple[tuple[Post, Unit], ...]


def home_of(db: Session, reach: Reach) -> Unit:
    """Return where an administrator starts: the first area in reach, else the office of the
    post.
    """
    start = reach.areas[0][1] if reach.areas else reach.roots[0]
    return db.get_one(Unit, start)


def unit_in(db: Session, reach: Reach, unit_id: int) -> Unit:
    """Return a unit within reach. Raises NotFound, also for one that is there but outside."""
    unit = db.get(Unit, unit_id)
    if unit is None or not reach.covers(db, unit_id):
        raise NotFound(unit_id)
    return unit


def user_in(db: Session, reach: Reach, user_id: int, now: datetime) -> User:
    """Return a user within reach, with every post and deputyship. Raises NotFound."""
    user = db.scalar(select(User).where(User.id == user_id, accounts(reach, now)))
    if user is None:
        raise NotFound(user_id)
    return user


def post_in(db: Session, reach: Reach, post_id: int, now: datetime) -> PostRow:
    """Return a post within reach that is in force. Raises NotFound."""
    in_force = and_(Post.id == post_id, Post.until_at.is_(None))
    rows = _post_rows(db, and_(in_force, reach.inside()), now)
    if not rows:
        raise NotFound(post_id)
    return rows[0]


def children(db: Session, unit: Unit) -> list[UnitRow]:
    """Return the units directly under a unit, offices before areas; two statements."""
    return _unit_rows(db, select(Unit).where(Unit.parent_id == unit.id))


def find_units(
    db: Session, reach: Reach, text: str, *, after: str = "", size: int = PAGE_SIZE
) -> tuple[list[UnitRow], str | None]:
    """Return units in reach whose name holds ``text`` or whose code begins with it, by code.

    Returns one page and the code after which the next page begins, None at the end.
    """
    wanted = select(Unit).where(
        reach.inside(),
        or_(Unit.name.contains(text, autoescape=True), Unit.code.startswith(text, autoescape=True)),
        Unit.code > after,
    )
    rows = _unit_rows(db, wanted, order=(Unit.code,), limit=size + 1)
    return rows[:size], rows[size - 1].unit.code if len(rows) > size else None


def posts_of(db: Session, unit: Unit, now: datetime) -> list[PostRow]:
    """Return the posts of a unit that are in force, two statements."""
    return _post_rows(db, and_(Post.unit_id == unit.id, Post.until_at.is_(None)), now)


def seats_of(db: Session, user: User, now: datetime) -> list[PostRow]:
    """Return the posts that a user holds or held, the present ones first."""
    return _post_rows(db, Post.user_id == user.id, now)


def held_by(db: Session, user_id: int, now: datetime) -> list[PostRow]:
    """Return the posts that somebody holds now."""
    return _post_rows(db, and_(Post.user_id == user_id, Post.until_at.is_(None)), now)


def staff_of(db: Session, units: Collection[int], now: datetime) -> list[PostRow]:
    """Return the posts in force with their holders, in these units and those directly under."""
    below = or_(Unit.id.in_(units), Unit.parent_id.in_(units))
    held = and_(Post.until_at.is_(None), Post.user_id.is_not(None), Unit.ended_at.is_(None))
    return _post_rows(db, and_(held, below), now)


def deputised_by(db: Session, user: User, now: datetime) -> list[tuple[Deputy, Post, Unit]]:
    """Return the posts that a user stands in for now or will."""
    found = (
        select(Deputy, Post, Unit)
        .join(Post, Post.id == Deputy.post_id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(Deputy.user_id == user.id, Deputy.until_at > now)
        .order_by(Deputy.from_at)
    )
    return [(row[0], row[1], row[2]) for row in db.execute(found)]


def deputy_in(db: Session, reach: Reach, deputy_id: int, now: datetime) -> tuple[Deputy, PostRow]:
    """Return a deputyship in reach whose time is not over, with its post. Raises NotFound."""
    deputy = db.get(Deputy, deputy_id)
    if deputy is None or deputy.until_at <= now:
        raise NotFound(deputy_id)
    return deputy, post_in(db, reach, deputy.post_id, now)


def signed_tasks(db: Session, user_id: int, unit_id: int | None = None, role: str = "") -> int:
    """Return how many open tasks a person has signed for, in all or in one post."""
    wanted = [Task.assignee_id == user_id, Task.done_at.is_(None)]
    if unit_id is not None:
        wanted += [Task.unit_id == unit_id, Task.role == role]
    return db.scalar(select(func.count()).select_from(Task).where(*wanted)) or 0


def changes_of(db: Session, unit: Unit) -> list[ChangeRow]:
    """Return a unit's history, the newest first; two statements."""
    rows = db.execute(
        select(UnitChange, User.name)
        .outerjoin(User, User.id == UnitChange.actor_id)
        .where(UnitChange.unit_id == unit.id)
        .order_by(UnitChange.id.desc())
    ).all()
    codes = {code for change, _ in rows for code in (change.before, change.after) if code}
    named = select(Unit.code, Unit.name).where(Unit.code.in_(codes))
    names = {row[0]: row[1] for row in db.execute(named)}
    return [_change_row(change, actor, names) for change, actor in rows]


def find_users(
    db: Session,
    reach: Reach,
    text: str,
    *,
    now: datetime,
    after: str = "",
    size: int = PAGE_SIZE,
) -> tuple[list[UserRow], str | None]:
    """Return users in reach whose name or login holds ``text``, by login; two statements."""
    wanted = select(User).where(accounts(reach, now), User.login > after)
    if text:
        named = User.name.contains(text, autoescape=True)
        wanted = wanted.where(or_(named, User.login.contains(text.lower(), autoescape=True)))
    users = list(db.scalars(wanted.order_by(User.login).limit(size + 1)))
    after_next = users[size - 1].login if len(users) > size else None
    return _user_rows(db, users[:size]), after_next


def parents_for(db: Session, reach: Reach, level: str, kind: str) -> list[Unit]:
    """Return units in reach on which one of this level and kind may hang, the nearest level
    first.
    """
    above = LEVELS[: LEVELS.index(level)] if kind == "area" else (level,)
    wanted = select(Unit).where(reach.inside(), Unit.ended_at.is_(None), Unit.level.in_(above))
    if kind == "area":
        wanted = wanted.where(Unit.kind == "area")
    found = db.scalars(wanted.order_by(Unit.code).limit(MOST_CANDIDATES)).all()
    return sorted(found, key=lambda unit: (-LEVELS.index(unit.level), unit.code))


def heirs_for(db: Session, reach: Reach, unit: Unit) -> list[Unit]:
    """Return units in reach that can take over from a unit, its neighbours first."""
    wanted = select(Unit).where(
        reach.inside(),
        Unit.ended_at.is_(None),
        Unit.level == unit.level,
        Unit.at_county == unit.at_county,
        Unit.id != unit.id,
    )
    neighbour = Unit.parent_id == unit.parent_id
    return list(
        db.scalars(wanted.order_by(neighbour.desc(), Unit.code).limit(MOST_CANDIDATES)).all()
    )


def _unit_rows(
    db: Session,
    wanted: Select[tuple[Unit]],
    *,
    order: Sequence[Any] = (),
    limit: int | None = None,
) -> list[UnitRow]:
    ordered = wanted.order_by(*(order or (Unit.kind == "area", Unit.kind, Unit.code)))
    units = list(db.scalars(ordered.limit(limit)))
    ids = [unit.id for unit in units]
    below = aliased(Unit)
    counted = (
        select(
            Unit.id,
            select(func.count())
            .where(below.parent_id == Unit.id, below.ended_at.is_(None))
            .scalar_subquery(),
            _posts_in_force().scalar_subquery(),
            _posts_in_force().where(Post.user_id.is_(None)).scalar_subquery(),
        )
        .where(Unit.id.in_(ids))
        .order_by(Unit.id)
    )
    counts = {row[0]: tuple(row[1:]) for row in db.execute(counted)} if ids else {}
    return [UnitRow(unit, *counts[unit.id]) for unit in units]


def _posts_in_force() -> Select[tuple[int]]:
    in_force = (Post.unit_id == Unit.id, Post.until_at.is_(None))
    return select(func.count(Post.id)).where(*in_force).correlate(Unit)


def _post_rows(db: Session, condition: ColumnElement[bool], now: datetime) -> list[PostRow]:
    rows = db.execute(
        select(Post, Unit, User)
        .join(Unit, Unit.id == Post.unit_id)
        .outerjoin(User, User.id == Post.user_id)
        .where(condition)
        .order_by(Post.until_at.is_not(None), Post.role, Post.id.desc())
    ).all()
    deputies = _deputies(db, [row[0].id for row in rows if row[0].until_at is None], now)
    return [PostRow(post, unit, user, deputies.get(post.id, ())) for post, unit, user in rows]


def _deputies(
    db: Session, post_ids: Collection[int], now: datetime
) -> dict[int, tuple[tuple[Deputy, User], ...]]:
    if not post_ids:
        return {}
    found: dict[int, tuple[tuple[Deputy, User], ...]] = {}
    rows = select(Deputy, User).join(User, User.id == Deputy.user_id)
    wanted = rows.where(Deputy.post_id.in_(post_ids), Deputy.until_at > now)
    for deputy, user in db.execute(wanted.order_by(Deputy.from_at)):
        found[deputy.post_id] = (*found.get(deputy.post_id, ()), (deputy, user))
    return found


def _user_rows(db: Session, users: Sequence[User]) -> list[UserRow]:
    held: dict[int, list[tuple[Post, Unit]]] = {user.id: [] for user in users}
    rows = db.execute(
        select(Post, Unit)
        .join(Unit, Unit.id == Post.unit_id)
        .where(Post.user_id.in_(held), Post.until_at.is_(None))
        .order_by(Post.id)
    )
    for post, unit in rows:
        held[post.user_id or 0].append((post, unit))
    return [UserRow(user, tuple(held[user.id])) for user in users]


def _change_row(change: UnitChange, actor: str | None, names: dict[str, str]) -> ChangeRow:
    before, after = change.before, change.after
    if change.kind == "moved":
        before, after = names.get(before or "", before), names.get(after or "", after)
    elif change.kind == "ended":
        after = names.get(after or "", after)
    return ChangeRow(change.at, change.kind, before, after, actor)
