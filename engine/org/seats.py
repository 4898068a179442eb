"""Who sits where: holders of a role with their deputies, and the unit that does the work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Case,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from engine.models import Deputy, Post, Unit, User
from engine.models.base import UtcDateTime

# Without a moment to look at, a post counts until it has an end.
ALWAYS = datetime(9999, 1, 1, tzinfo=UTC)
# What works for an area at its own level; of several, the first that has the role.
ARMS = ("centre", "committee", "department")


class PostOccupancy(NamedTuple):
    """A post with who sits in it, or who stands in for whom; nobody in a vacant one."""

    unit_id: int
    post_id: int
    user_id: int | None
    name: str | None
    deputy_for: int | None


@dataclass(frozen=True)
class Holder:
    """Somebody who may act in a role now; ``deputy_for`` names whom a deputy stands in for."""

    user_id: int
    name: str
    post_id: int
    deputy_for: int | None = None


def holders(db: Session, unit_id: int, role: str, now: datetime) -> list[Holder]:
    """Return who may act as ``role`` in the unit at ``now``: holders first, then their deputies."""
    return persons(_seated(db, [unit_id], role, now))


def work_unit(db: Session, unit: Unit, role: str, *, now: datetime | None = None) -> Unit:
    """Return the unit that does the work of ``role`` for ``unit``; one statement.

    A unit without such a post, even a vacant one, works through its centre, its committee, or
    the only department that has one. With ``now`` only posts in force at that moment count.
    """
    asked = {"unit_id": unit.id, "level": unit.level, "role": role, "now": now or ALWAYS}
    rows = list(db.scalars(_working(), asked))
    undecided = len(rows) == 2 and rows[0].kind == "department" and rows[0].id != unit.id
    return unit if not rows or undecided else rows[0]


def employed(user: type[User], now: BindParameter[datetime]) -> ColumnElement[bool]:
    """Return condition: somebody works here at a moment."""
    return or_(user.ended_at.is_(None), user.ended_at > now)


@cache
def _working() -> Select[tuple[Unit]]:
    """Return the unit and what works for it, as far as they have the role; the first does the
    work.
    """
    unit_id, now = bindparam("unit_id", type_=BigInteger), bindparam("now", type_=UtcDateTime)
    in_force = and_(Post.from_at <= now, or_(Post.until_at.is_(None), Post.until_at > now))
    arm = and_(
        Unit.parent_id == unit_id,
        Unit.level == bindparam("level"),
        Unit.kind.in_(ARMS),
        Unit.ended_at.is_(None),
    )
    post = select(Post.id).where(Post.unit_id == Unit.id, Post.role == bindparam("role"), in_force)
    return (
        select(Unit)
        .where(or_(Unit.id == unit_id, arm), post.exists())
        .order_by(Unit.id != unit_id, arm_order(), Unit.code)
        .limit(2)
    )


def arm_order() -> Case[Any]:
    """Return the order of the units that work for an area; the area itself comes first."""
    return case({kind: number for number, kind in enumerate(ARMS)}, value=Unit.kind, else_=-1)


def _seated(
    db: Session, unit_ids: Sequence[int], role: str, now: datetime
) -> Sequence[PostOccupancy]:
    asked = {"unit_ids": unit_ids, "role": role, "now": now}
    return [PostOccupancy(*row[:5]) for row in db.execute(_seating(), asked)]


@cache
def _seating() -> Select[Any]:
    """Return posts in force with who sits in them (nobody in a vacant one), deputies after
    holders.
    """
    now = bindparam("now", type_=UtcDateTime)
    in_force = and_(
        Post.unit_id.in_(bindparam("unit_ids", expanding=True)),
        Post.role == bindparam("role"),
        Post.from_at <= now,
        or_(Post.until_at.is_(None), Post.until_at > now),
    )
    works_here = employed(User, now)
    nobody = null().label("deputy_for")
    own = (
        select(Post.unit_id, Post.id.label("post_id"), User.id.label("user_id"), User.name, nobody)
        .outerjoin(User, and_(User.id == Post.user_id, works_here))
        .add_columns(literal(0).label("turn"))
        .where(in_force)
    )
    standing_in = (
        select(Post.unit_id, Post.id, User.id, User.name, Post.user_id)
        .join(Deputy, Deputy.post_id == Post.id)
        .join(User, and_(User.id == Deputy.user_id, works_here))
        .add_columns(literal(1))
        .where(in_force, Deputy.from_at <= now, Deputy.until_at > now)
    )
    both = union_all(own, standing_in).subquery()
    return select(both).order_by(both.c.turn, both.c.post_id)


def persons(rows: Iterable[PostOccupancy]) -> list[Holder]:
    """Return one entry a person: who holds a post and deputises for another acts in their own
    right.
    """
    found: dict[int, Holder] = {}
    for row in rows:
        if row.user_id is not None:
            entry = Holder(row.user_id, row.name or "", row.post_id, row.deputy_for)
            found.setdefault(row.user_id, entry)
    return list(found.values())
