"""Who acts: users with the seats that are in force at a moment, their own and those they keep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, or_, select, union
from sqlalchemy.orm import Session

from engine import settings
from engine.errors import NotFound
from engine.models import Deputy, Post, Unit, User
from engine.models.base import STAMPED_LEVELS, UtcDateTime
from engine.roles import OVERSEERS

# Kinds of unit that stand for their area; a department stands for itself alone.
AREA_KINDS = frozenset({"area", "centre", "committee"})


@dataclass(frozen=True)
class Seat:
    """A post in force: the actor's own, or one that the actor deputises for."""

    post_id: int
    unit_id: int
    unit_name: str
    unit_kind: str
    role: str
    level: str
    stamps: tuple[int | None, ...]
    for_user_id: int | None = None
    # Who stood in for the holder before, in turn; what they signed for is in these hands, too.
    through: tuple[int, ...] = ()

    @cached_property
    def area(self) -> tuple[str, int] | None:
        """The column and unit of the area that this seat oversees, if it oversees one."""
        if self.role not in OVERSEERS or self.unit_kind not in AREA_KINDS:
            return None
        if self.level not in STAMPED_LEVELS:
            return None
        unit_id = self.stamps[STAMPED_LEVELS.index(self.level)]
        return None if unit_id is None else (f"at_{self.level}", unit_id)


@dataclass(frozen=True)
class Actor:
    """Somebody acting now, with the seats that are in force at this moment."""

    user_id: int
    name: str
    seats: tuple[Seat, ...]
    at: datetime
    # Units of the actor's own posts that ended lately, with all areas above them.
    former: frozenset[int] = frozenset()
    # The case of a citizen who has proved that it is theirs, and the steps that are a citizen's.
    citizen_of: int | None = None
    citizen_steps: frozenset[str] = frozenset()

    @cached_property
    def unit_ids(self) -> tuple[int, ...]:
        """The units in which the actor has a seat."""
        return tuple({seat.unit_id for seat in self.seats})

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles that the actor holds or deputises for."""
        return frozenset(seat.role for seat in self.seats)


def citizen_of(case_id: int, steps: Iterable[str], now: datetime) -> Actor:
    """Return the citizen of one case, who has no post: policy lets them do these steps of it."""
    return Actor(0, "", (), now, citizen_of=case_id, citizen_steps=frozenset(steps))


def actor_of(db: Session, user_id: int, now: datetime) -> Actor:
    """Load an actor. Raises NotFound for an ended or unknown user."""
    user = db.get(User, user_id)
    if user is None or (user.ended_at is not None and user.ended_at <= now):
        raise NotFound(user_id)
    return seated(db, user.id, user.name, now)


def seated(db: Session, user_id: int, name: str, now: datetime) -> Actor:
    """Return somebody who is known to be a user in force, with their seats; one statement."""
    rows = db.execute(seats_statement(), {"user": user_id, "now": now, "since": recent_since(now)})
    return actor_from(rows, user_id, name, now)


def actor_from(rows: Iterable[Any], user_id: int, name: str, now: datetime) -> Actor:
    """Return who the rows of ``seats_statement`` are about."""
    seats, former = [], set[int]()
    for row in rows:
        if not (_over(row.until_at, now) or _over(row.ended_at, now)):
            seats.append(seat_of(row, user_id))
        elif row.holder_id == user_id:
            stamps = (getattr(row, f"at_{level}") for level in STAMPED_LEVELS)
            former |= {unit_id for unit_id in (row.unit_id, *stamps) if unit_id is not None}
    return Actor(user_id, name, tuple(seats), now, frozenset(former))


def recent_since(now: datetime) -> datetime:
    """Return since when an ended post still counts where cases go round its unit."""
    return now - timedelta(days=settings.current().former_days)


def stayed_to_the_end() -> ColumnElement[bool]:
    """Return the condition on a ``Post`` and its ``Unit``: it ended with the unit, not before.

    Whoever was there went along to the unit that took it over, and stays somebody of the old one.
    """
    return and_(Unit.ended_at.is_not(None), Post.until_at >= Unit.ended_at)


def _over(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now


def office(unit: Unit, role: str) -> Seat:
    """Return a unit acting without a person: what is imported, or opened from another case."""
    stamps = tuple(getattr(unit, f"at_{level}") for level in STAMPED_LEVELS)
    return Seat(0, unit.id, unit.name, unit.kind, role, unit.level, stamps)


_USER, _NOW = bindparam("user", type_=BigInteger), bindparam("now", type_=UtcDateTime)
_SINCE = bindparam("since", type_=UtcDateTime)


@lru_cache(maxsize=1)
def seats_statement() -> Select[Any]:
    """Return the seats of ``user`` at ``now``, one a row, and posts that ended after ``since``.

    ``actor_from`` reads them. Made once, as every request asks it: making it costs as much as
    running it.
    """
    # By index: as one condition over both tables it would read every post at every request.
    posts = union(
        select(Post.id).where(Post.user_id == _USER),
        select(Deputy.post_id).where(Deputy.user_id == _USER),
    )
    standing_in = and_(
        Deputy.post_id == Post.id,
        Deputy.user_id == _USER,
        Deputy.from_at <= _NOW,
        Deputy.until_at > _NOW,
    )
    return (
        select(*_columns())
        .join(Unit, Unit.id == Post.unit_id)
        .outerjoin(Deputy, standing_in)
        .where(
            Post.from_at <= _NOW,
            or_(Post.until_at.is_(None), Post.until_at > _SINCE, stayed_to_the_end()),
            Post.id.in_(posts),
            or_(Post.user_id == _USER, Deputy.id.is_not(None)),
        )
        .order_by(Post.id)
    )


def _columns() -> tuple[Any, ...]:
    return (
        Post.id.label("post_id"),
        Post.user_id.label("holder_id"),
        Post.role,
        Post.until_at,
        Unit.ended_at,
        Unit.id.label("unit_id"),
        Unit.name,
        Unit.kind,
        Unit.level,
        *(getattr(Unit, f"at_{level}") for level in STAMPED_LEVELS),
        Deputy.id.label("deputy_id"),
        Deputy.through,
    )


def seat_of(row: Any, user_id: int) -> Seat:
    """Return the seat in a row of ``seats_statement``."""
    stamps = tuple(getattr(row, f"at_{level}") for level in STAMPED_LEVELS)
    own = row.holder_id == user_id or row.deputy_id is None
    holder = None if own else row.holder_id
    through = () if own else tuple(row.through or ())
    where = (row.unit_id, row.name, row.kind, row.role, row.level, stamps)
    return Seat(row.post_id, *where, holder, through)
