"""Separation of duties: which powers one person does not hold together, who depends on whom."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from itertools import combinations, groupby

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true, union
from sqlalchemy.orm import Session, aliased

from engine import settings
from engine.access.actors import AREA_KINDS, Actor, Seat
from engine.errors import Refusal
from engine.models import AccountAct, Deputy, Post, Unit, User, new_id
from engine.models.base import STAMPED_LEVELS
from engine.roles import ADMIN, ADMINISTRATORS, ROLES, Role, with_verb
from feel.text import Text

# So long somebody is not independent of who made, reset or appointed them, nor the other way.
DEPENDENT = timedelta(days=30)
WATCHED = Text(
    "此人与该岗位是监督与被监督的关系，不能兼任或代理。",
    "One of the two duties watches over the other; one person cannot have both.",
)
SEPARATE = Text(
    "系统管理员、安全管理员、审计员须由不同的人担任。",
    "System administrator, security administrator and auditor are different people.",
)
ONESELF = Text(
    "不能给自己授权，请由另一名管理员办理。",
    "You cannot authorize yourself; ask another administrator.",
)


class NotIndependent(Refusal):
    """Of the two people whom a rule asks for, one depends on the other."""

    text = Text(
        "两人之间 30 天内有建号、重置密码或岗位分配关系，须由其他人办理。",
        "Within 30 days one of the two made, reset or appointed the other; somebody else has to.",
    )


def note(db: Session, by_id: int | None, user_id: int, kind: str, *, now: datetime) -> None:
    """Remember that somebody made, reset or appointed somebody else."""
    if by_id is not None and by_id != user_id:
        db.add(AccountAct(id=new_id(), by_id=by_id, user_id=user_id, kind=kind, at=now))


def behind(actor: Actor, seats: Collection[Seat]) -> frozenset[int]:
    """Return whose decision it is: the actor's, and with no own seat that of the replaced, too.

    ``seats`` are those of the actor that allow the decision.
    """
    if any(seat.for_user_id is None for seat in seats):
        return frozenset({actor.user_id})
    replaced = {user for seat in seats for user in (seat.for_user_id, *seat.through)}
    return frozenset({actor.user_id, *(user for user in replaced if user is not None)})


def tied(db: Session, some: Collection[int], others: Collection[int], now: datetime) -> bool:
    """Return whether any of some people depends on any of the others, or they on them.

    One statement.
    """
    act = AccountAct
    between = or_(
        and_(act.by_id.in_(some), act.user_id.in_(others)),
        and_(act.user_id.in_(some), act.by_id.in_(others)),
    )
    return db.scalar(select(act.id).where(between, act.at > now - DEPENDENT).limit(1)) is not None


def in_one_hand(db: Session, one: int, other: int, now: datetime) -> bool:
    """Return whether two people are no two: one depends on the other, or both on a third.

    Who makes or appoints two accounts holds both. One statement.
    """
    mine, theirs = aliased(AccountAct), aliased(AccountAct)
    lately = now - DEPENDENT
    third = (
        select(mine.id)
        .join(theirs, theirs.by_id == mine.by_id)
        .where(mine.user_id == one, theirs.user_id == other)
        .where(mine.at > lately, theirs.at > lately)
    )
    act = AccountAct
    between = or_(
        and_(act.by_id == one, act.user_id == other), and_(act.by_id == other, act.user_id == one)
    )
    direct = select(act.id).where(between, act.at > lately)
    return db.scalar(select(or_(third.exists(), direct.exists()))) or False


def confirmers() -> frozenset[str]:
    """Return the roles that confirm what an administrator asks for."""
    return (
        with_verb("confirm") - {ADMIN} if settings.current().separate_admins else frozenset({ADMIN})
    )


def conflict(db: Session, unit: Unit, role: str, user_id: int, now: datetime) -> Text | None:
    """Return why somebody cannot have a post of ``role`` in the unit beside what they have.

    What they hold and what they stand in for, now or later, counts alike; one statement.
    """
    found = (_apart(unit, role, where, held) for held, where in db.execute(_duties(user_id, now)))
    return next((why for why in found if why is not None), None)


def conflicts(db: Session, now: datetime) -> Iterator[tuple[int, Text]]:
    """Return who has two duties, held or stood in for, that ``conflict`` would refuse, and why.

    Rules are asked when a post is given; what was given before the rule, or before three
    administrators were set apart, is found here alone. One statement.
    """
    held = select(Post.user_id.label("user_id"), Post.id.label("post_id")).where(
        Post.user_id.is_not(None), Post.until_at.is_(None)
    )
    lent = select(Deputy.user_id, Deputy.post_id).where(Deputy.until_at > now)
    each = union(held, lent).subquery()
    wanted = (
        select(each.c.user_id, Post.role, Unit)
        .join(Post, Post.id == each.c.post_id)
        .join(Unit, Unit.id == Post.unit_id)
        .order_by(each.c.user_id, Post.id)
    )
    for user_id, rows in groupby(db.execute(wanted), key=lambda row: row[0]):
        for (_, role, unit), (_, other, where) in combinations(rows, 2):
            why = _apart(unit, role, where, other)
            if why is not None:
                yield user_id, why


def fit(unit: Unit, role: str, now: datetime) -> ColumnElement[bool]:
    """Return the condition on ``User``: neither watched by a post of ``role`` in the unit nor
    watching it.
    """
    watching = [one.key for one in ROLES.values() if role in one.watches]
    held, where = aliased(Post), aliased(Unit)
    watched = and_(held.role.in_(ROLES[role].watches), _inside(where, unit))
    over = and_(held.role.in_(watching), _covers(where, unit))
    posts = (
        select(held.id)
        .join(where, where.id == held.unit_id)
        .where(held.until_at.is_(None), or_(watched, over))
    )
    standing_in = select(Deputy.user_id).where(Deputy.post_id.in_(posts), Deputy.until_at > now)
    holding = select(Post.user_id).where(Post.id.in_(posts), Post.user_id.is_not(None))
    return User.id.not_in(union(holding, standing_in))


def decides_about_itself(seats: Collection[Seat], unit_id: int) -> bool:
    """Return whether somebody belongs to the unit on which they would decide."""
    return any(seat.unit_id == unit_id for seat in seats)


def _duties(user_id: int, now: datetime) -> Select[tuple[str, Unit]]:
    mine = union(
        select(Post.id).where(Post.user_id == user_id, Post.until_at.is_(None)),
        select(Deputy.post_id).where(Deputy.user_id == user_id, Deputy.until_at > now),
    )
    return select(Post.role, Unit).join(Unit, Unit.id == Post.unit_id).where(Post.id.in_(mine))


def _apart(unit: Unit, role: str, where: Unit, held: str) -> Text | None:
    """Return why one person does not have both duties."""
    if _watches(role, unit, where, held) or _watches(held, where, unit, role):
        return WATCHED
    both = {role, held}
    if settings.current().separate_admins and both <= ADMINISTRATORS and role != held:
        return SEPARATE
    return None


def _watches(role: str, unit: Unit, other: Unit, other_role: str) -> bool:
    known: Role = ROLES[role]
    return other_role in known.watches and _contains(unit, other)


def _contains(unit: Unit, other: Unit) -> bool:
    """Return whether the area that a unit stands for holds the other; an office stands for
    itself.
    """
    if unit.kind not in AREA_KINDS:
        return unit.id == other.id
    if unit.level not in STAMPED_LEVELS:
        return True
    column = f"at_{unit.level}"
    return getattr(unit, column) is not None and getattr(unit, column) == getattr(other, column)


def _inside(where: type[Unit], unit: Unit) -> ColumnElement[bool]:
    if unit.kind not in AREA_KINDS:
        return where.id == unit.id
    if unit.level not in STAMPED_LEVELS:
        return true()
    column = f"at_{unit.level}"
    return getattr(where, column) == getattr(unit, column)


def _covers(where: type[Unit], unit: Unit) -> ColumnElement[bool]:
    levels = [
        and_(where.level == level, getattr(where, f"at_{level}") == getattr(unit, f"at_{level}"))
        for level in STAMPED_LEVELS
        if getattr(unit, f"at_{level}") is not None
    ]
    above = and_(where.kind.in_(AREA_KINDS), or_(false(), *levels))
    return or_(where.id == unit.id, above)
