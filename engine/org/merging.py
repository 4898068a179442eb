"""Units that become one, or one that becomes several: cases, clocks, access and people follow."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from engine.access.actors import actor_of
from engine.errors import InvalidInput
from engine.models import Case, Post, Task, Unit, User
from engine.org.handover import hand_over_part
from engine.org.posts import create_post
from engine.org.tree import subtree_ids
from engine.org.units import end_unit, move_unit
from feel.text import Text


def merge_unit(db: Session, actor_id: int | None, unit: Unit, heir: Unit, *, now: datetime) -> int:
    """End a unit in favour of ``heir``, of whatever county; return how many open cases moved.

    Areas under it belong under the heir from now on. Its departments, centres and committees become
    those of the heir where it has their like, else they move. Who sat in the unit sits in the
    heir in the same role. Raises InvalidInput for another level or kind.
    """
    if (unit.level, unit.kind) != (heir.level, heir.kind) or unit.id == heir.id:
        text = Text("只能并入同层级、同类别的单位。", "It joins only a unit of its level and kind.")
        raise InvalidInput({"heir": text})
    handed = 0
    for office in _children(db, unit):
        like = _like(db, office, unit, heir)
        if like is not None:
            handed += merge_unit(db, actor_id, office, like, now=now)
        else:
            move_unit(db, actor_id, office, heir, now=now)
    _carry_posts(db, actor_id, unit, heir, now)
    return handed + end_unit(db, actor_id, unit, now=now, heir=heir, across=True)


def split_off(db: Session, actor_id: int | None, unit: Unit, part: Unit, *, now: datetime) -> int:
    """Give ``part``, which came out of ``unit``, the open work about its own places.

    The same between their departments, centres and committees of one name. Returns how many
    open cases moved; clocks run on.
    """
    actor = actor_of(db, actor_id, now) if actor_id is not None else None
    inside = db.scalars(subtree_ids(part.id)).all()
    pairs = [(unit, part)]
    pairs += [
        (office, like)
        for office in _children(db, unit)
        if (like := _like(db, office, unit, part)) is not None
    ]
    about = select(Case.id).where(Case.place_id.in_(inside), Case.closed_at.is_(None))
    return sum(
        hand_over_part(db, old, new, actor, now, about.where(_in_hands(old))) for old, new in pairs
    )


def _in_hands(unit: Unit) -> ColumnElement[bool]:
    working = select(Task.case_id).where(Task.unit_id == unit.id, Task.done_at.is_(None))
    return or_(Case.unit_id == unit.id, Case.department_id == unit.id, Case.id.in_(working))


def _children(db: Session, unit: Unit) -> list[Unit]:
    """Return what works for a unit: its departments, centres, committees; not the areas in it."""
    found = select(Unit).where(
        Unit.parent_id == unit.id, Unit.kind != "area", Unit.ended_at.is_(None)
    )
    return list(db.scalars(found.order_by(Unit.code)))


def _like(db: Session, office: Unit, unit: Unit, other: Unit) -> Unit | None:
    """Return the office of another unit that does the same: by the tail of the code, or by its
    name.
    """
    tail = office.code.removeprefix(unit.code) if office.code.startswith(unit.code) else None
    name = office.name.removeprefix(unit.name)
    for one in _children(db, other):
        same_tail = tail is not None and one.code == other.code + tail
        if one.kind == office.kind and (same_tail or one.name.removeprefix(other.name) == name):
            return one
    return None


def _carry_posts(db: Session, actor_id: int | None, unit: Unit, heir: Unit, now: datetime) -> None:
    live = select(Post).where(Post.unit_id == unit.id, Post.until_at.is_(None))
    held = select(Post.role, Post.user_id).where(Post.unit_id == heir.id, Post.until_at.is_(None))
    known = set(db.execute(held).tuples())
    roles = {role for role, _user in known}
    for post in db.scalars(live.order_by(Post.id)).all():
        user = db.get(User, post.user_id) if post.user_id is not None else None
        # A vacancy is carried over only where the heir has no such post at all.
        if user is None and post.role in roles:
            continue
        if user is None or (user.ended_at is None and (post.role, user.id) not in known):
            create_post(db, actor_id, unit=heir, role=post.role, user=user, now=now)
