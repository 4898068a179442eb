"""What an administrator looks after: a part of the tree, the accounts in it, nothing beside it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import Session, aliased

from engine.access.actors import AREA_KINDS, Actor, Seat
from engine.access.duties import DEPENDENT
from engine.models import Case, Confidentiality, Deputy, Post, Unit, User
from engine.models.base import STAMPED_LEVELS
from engine.org.tree import subtree_ids
from engine.roles import ADMIN, CONFIRMED, WIDE

# Levels at which an administrator may appoint to roles whose power goes beyond a unit.
SENIOR = frozenset({"province", "city", "county"})


@dataclass(frozen=True)
class Reach:
    """Areas by stamped column, and units above or beside these with all that belongs to them."""

    areas: tuple[tuple[str, int], ...] = ()
    roots: tuple[int, ...] = ()
    # The unit of the first post: what the administrator makes belongs to it.
    home: int | None = None

    def __bool__(self) -> bool:
        return bool(self.areas or self.roots)

    def inside(self, unit: type[Unit] = Unit) -> ColumnElement[bool]:
        """Return the condition on ``Unit``: within one of the areas, or under one of the roots.

        Never unknown, so that its opposite holds for units without such an area.
        """
        areas = (
            and_(getattr(unit, column).is_not(None), getattr(unit, column) == unit_id)
            for column, unit_id in self.areas
        )
        return or_(false(), *areas, *(unit.id.in_(subtree_ids(root)) for root in self.roots))

    def covers(self, db: Session, unit_id: int) -> bool:
        """Return whether the unit is within reach; one statement."""
        return bool(self) and bool(self.within(db, [unit_id]))

    def holds(self, db: Session, unit: Unit) -> bool:
        """Return the same for a unit at hand; asks the database only where a post stands for no
        area.
        """
        if any(getattr(unit, column) == unit_id for column, unit_id in self.areas):
            return True
        return bool(self.roots) and self.covers(db, unit.id)

    def within(self, db: Session, unit_ids: Collection[int]) -> set[int]:
        """Return those of the units that are within reach; one statement."""
        return set(db.scalars(select(Unit.id).where(Unit.id.in_(unit_ids), self.inside())))


def reach_of(
    actor: Actor, roles: Collection[str] = frozenset({ADMIN}), *, senior: bool = False
) -> Reach:
    """Return what the actor's posts as administrator reach; nothing without one.

    With ``senior`` only posts count that stand for a county or a larger area.
    """
    return reach_of_seats(seats_of(actor, roles, senior=senior))


def seats_of(actor: Actor, roles: Collection[str], *, senior: bool = False) -> list[Seat]:
    """Return the actor's seats in these roles, with ``senior`` of a county or a larger area."""
    seats = (seat for seat in actor.seats if seat.role in roles)
    return [seat for seat in seats if not senior or _is_senior(seat)]


def reach_of_seats(seats: Sequence[Seat]) -> Reach:
    """Return the parts of the tree that these seats stand for, whatever their roles."""
    areas: set[tuple[str, int]] = set()
    roots: set[int] = set()
    for seat in seats:
        area = _area(seat)
        if area is not None:
            areas.add(area)
        else:
            roots.add(seat.unit_id)
    home = seats[0].unit_id if seats else None
    return Reach(tuple(sorted(areas)), tuple(sorted(roots)), home)


def accounts(reach: Reach, now: datetime) -> ColumnElement[bool]:
    """Return the condition on ``User``: whose account an administrator with this reach looks after.

    Somebody with posts or deputyships: when all of them are within reach. Somebody without: when
    the unit is that the account belongs to.
    """
    where, duty = aliased(Unit), aliased(Post)
    held = (
        select(duty.id)
        .join(where, where.id == duty.unit_id)
        .where(duty.until_at.is_(None), or_(duty.user_id == User.id, _stands_in(duty, now)))
    )
    outside = exists(held.where(~reach.inside(where)).correlate(User))
    within = exists(held.where(reach.inside(where)).correlate(User))
    home = aliased(Unit)
    owned = exists(select(home.id).where(home.id == User.unit_id, reach.inside(home)))
    return and_(~outside, or_(within, owned.correlate(User)))


def trusted_with(db: Session, user_id: int, now: datetime) -> Post | None:
    """Return a post for whose sake nobody alone gets into somebody's account, if there is one.

    It has a role that two administrators give, held or stood in for, now or within the time in
    which a reset ties two people; or its holder took in a report whose reporter is still to be
    kept, in whatever post. Who takes posts away, or gives them back, gets into no account by it.
    """
    since = now - DEPENDENT
    duty = aliased(Post)
    mine = duty.user_id == user_id
    deputised = select(Deputy.post_id).where(Deputy.user_id == user_id, Deputy.until_at > since)
    took_one_in = exists(
        select(Case.id)
        .join(Confidentiality, Confidentiality.case_id == Case.id)
        .where(Case.opened_by == user_id, Confidentiality.lifted_id.is_(None))
    )
    lately = or_(duty.until_at.is_(None), duty.until_at > since)
    wanted = select(duty).where(
        or_(
            and_(duty.role.in_(CONFIRMED), mine, lately),
            and_(duty.role.in_(WIDE), duty.id.in_(deputised), lately),
            and_(mine, took_one_in),
        )
    )
    first = (duty.until_at.is_not(None), duty.role.not_in(WIDE), duty.id.desc())
    return db.scalar(wanted.order_by(*first).limit(1))


def _stands_in(duty: type[Post], now: datetime) -> ColumnElement[bool]:
    standing_in = select(Deputy.id).where(
        Deputy.post_id == duty.id, Deputy.user_id == User.id, Deputy.until_at > now
    )
    return exists(standing_in.correlate(User, duty))


def _is_senior(seat: Seat) -> bool:
    return seat.level in SENIOR and seat.unit_kind in AREA_KINDS


def _area(seat: Seat) -> tuple[str, int] | None:
    """Return the stamped area of a seat; None for what is above the stamps, and for an office."""
    if seat.level not in STAMPED_LEVELS or seat.unit_kind not in AREA_KINDS:
        return None
    unit_id = seat.stamps[STAMPED_LEVELS.index(seat.level)]
    return None if unit_id is None else (f"at_{seat.level}", unit_id)
