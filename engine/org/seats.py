"""Who sits where: holders of a role with their deputies, the unit that works, the way up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Case,
    ColumnElement,
    Row,
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
from sqlalchemy.orm import Session, aliased

from engine import settings
from engine.models import Deputy, Post, Unit, User
from engine.models.base import UtcDateTime
from feel.text import Text

# Without a moment to look at, a post counts until it has an end.
ALWAYS = datetime(9999, 1, 1, tzinfo=UTC)
# What works for an area at its own level; of several, the first that has the role.
ARMS = ("centre", "committee", "department")
SKIPPED = {
    "vacant": Text("岗位空缺", "the post is vacant"),
    "no_post": Text("未设此岗位", "there is no such post"),
}


class Seated(NamedTuple):
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


@dataclass(frozen=True)
class Skip:
    """A unit that an escalation passed by, and why: ``vacant`` or ``no_post``."""

    unit_id: int
    unit_name: str
    reason: str

    @property
    def text(self) -> Text:
        """The reason in words."""
        return SKIPPED[self.reason]


@dataclass(frozen=True)
class Climb:
    """Where an escalation arrives; without holders when every post up to the top is vacant."""

    unit: Unit
    holders: tuple[Holder, ...]
    skipped: tuple[Skip, ...]


class ClimbRequest(NamedTuple):
    """A climb to make: from which unit, how many handling levels up, to which role."""

    unit: Unit
    levels_up: int
    role: str


def holders(db: Session, unit_id: int, role: str, now: datetime) -> list[Holder]:
    """Who may act as ``role`` in the unit at ``now``: holders first, then their deputies."""
    return _holders(_seated(db, [unit_id], role, now))


def work_unit(db: Session, unit: Unit, role: str, *, now: datetime | None = None) -> Unit:
    """The unit that does the work of ``role`` for ``unit``; one statement.

    A unit without such a post, even a vacant one, works through its centre, its committee, or
    the only department that has one. With ``now`` only posts in force at that moment count.
    """
    asked = {"unit_id": unit.id, "level": unit.level, "role": role, "now": now or ALWAYS}
    rows = list(db.scalars(_working(), asked))
    undecided = len(rows) == 2 and rows[0].kind == "department" and rows[0].id != unit.id
    return unit if not rows or undecided else rows[0]


def climb(
    db: Session,
    unit: Unit,
    levels_up: int,
    role: str,
    now: datetime,
    *,
    levels: Sequence[str] | None = None,
) -> Climb:
    """The holders of ``role`` so many handling levels above ``unit``; one statement.

    A department, centre or committee counts as of its own level, so that one level above a
    county department is the county itself, the top. Vacant posts are passed by, upward, and
    every unit passed is told. The unit itself is asked first when ``levels_up`` is 0.
    ``levels`` are the handling levels, those of the settings if not given.
    """
    return climb_all(db, [ClimbRequest(unit, levels_up, role)], now, levels=levels)[0]


def climb_all(
    db: Session, ways: Sequence[ClimbRequest], now: datetime, *, levels: Sequence[str] | None = None
) -> list[Climb]:
    """The same for many at once, still one statement; in the order of ``ways``."""
    handling = levels or settings.current().levels
    steps = [_steps(way.unit, way.levels_up, handling) for way in ways]
    asked = {
        "ids": list(dict.fromkeys(step for one in steps for step in one)),
        "roles": list(dict.fromkeys(way.role for way in ways)),
        "now": now,
    }
    rows = db.execute(_seats_of_steps(), asked).all()
    working = _by_step(dict.fromkeys(row.Unit for row in rows))
    seated: dict[tuple[int, str], list[Seated]] = {}
    for seat, role in _unfolded(rows):
        seated.setdefault((seat.unit_id, role), []).append(seat)
    return [_arrival(way, one, working, seated) for way, one in zip(ways, steps, strict=True)]


def _arrival(
    way: ClimbRequest,
    steps: Sequence[int],
    working: Mapping[int, Sequence[Unit]],
    seated: Mapping[tuple[int, str], Sequence[Seated]],
) -> Climb:
    skipped: list[Skip] = []
    asked: list[Unit] = []
    for step in steps:
        group = [one for one in working.get(step, ()) if one not in asked]
        seats = {one.id: seated.get((one.id, way.role), ()) for one in group}
        for one in group:
            found = _holders(seats[one.id])
            if found:
                return Climb(one, tuple(found), tuple(skipped))
        if group:
            skipped.append(_skip(group, {unit_id for unit_id, found in seats.items() if found}))
            asked += group
    return Climb(_top(asked, steps) or way.unit, (), tuple(skipped))


def _steps(unit: Unit, levels_up: int, levels: Sequence[str]) -> list[int]:
    """Ids of the units to ask, the target first, then upward to the top handling level."""
    own = levels.index(unit.level) if unit.level in levels else 0
    target = max(own - levels_up, 0)
    areas = [getattr(unit, f"at_{level}", None) for level in reversed(levels[: target + 1])]
    first = [unit.id] if levels_up == 0 else []
    return list(dict.fromkeys([*first, *(area for area in areas if area is not None)]))


@cache
def _seats_of_steps() -> Select[Any]:
    """The units ``ids`` and the centres and committees that work for them, in order, each with
    its posts of the roles in force, who holds them and who stands in; nobody in a vacant one."""
    ids, now = (
        bindparam("ids", type_=BigInteger, expanding=True),
        bindparam("now", type_=UtcDateTime),
    )
    arms = and_(Unit.parent_id.in_(ids), Unit.kind.in_(ARMS[:2]))
    at_work = and_(
        Post.unit_id == Unit.id,
        Post.role.in_(bindparam("roles", expanding=True)),
        Post.from_at <= now,
        or_(Post.until_at.is_(None), Post.until_at > now),
    )
    stands_in = and_(Deputy.post_id == Post.id, Deputy.from_at <= now, Deputy.until_at > now)
    own, deputy = aliased(User), aliased(User)
    return (
        select(
            Unit,
            Post.id.label("post_id"),
            Post.role.label("role"),
            own.id.label("user_id"),
            own.name.label("name"),
            Post.user_id.label("deputy_for"),
            deputy.id.label("deputy_id"),
            deputy.name.label("deputy_name"),
        )
        .outerjoin(Post, at_work)
        .outerjoin(own, and_(own.id == Post.user_id, _employed(own, now)))
        .outerjoin(Deputy, stands_in)
        .outerjoin(deputy, and_(deputy.id == Deputy.user_id, _employed(deputy, now)))
        .where(or_(Unit.id.in_(ids), arms), Unit.ended_at.is_(None))
        .order_by(_arm_order(), Unit.code, Post.id, Deputy.id)
    )


def _employed(user: type[User], now: BindParameter[datetime]) -> ColumnElement[bool]:
    return or_(user.ended_at.is_(None), user.ended_at > now)


def _unfolded(rows: Sequence[Row[Any]]) -> list[tuple[Seated, str]]:
    """A seat for each holder, or vacant post, and after them one for each deputy; with the role."""
    own = {
        row.post_id: (Seated(row.Unit.id, row.post_id, row.user_id, row.name, None), row.role)
        for row in rows
        if row.post_id is not None
    }
    standing_in = [
        (Seated(row.Unit.id, row.post_id, row.deputy_id, row.deputy_name, row.deputy_for), row.role)
        for row in rows
        if row.deputy_id is not None
    ]
    return [*own.values(), *standing_in]


def _skip(group: Sequence[Unit], with_post: Collection[int]) -> Skip:
    vacant = next((one for one in group if one.id in with_post), None)
    passed = vacant or group[0]
    return Skip(passed.id, passed.name, "vacant" if vacant else "no_post")


def _by_step(units: Iterable[Unit]) -> dict[int, list[Unit]]:
    """The unit of each step, and the centres and committees that work for it, in their order."""
    found: dict[int, list[Unit]] = {}
    for unit in units:
        found.setdefault(unit.id, []).append(unit)
        if unit.kind in ARMS[:2] and unit.parent_id is not None:
            found.setdefault(unit.parent_id, []).append(unit)
    return found


def _top(asked: Sequence[Unit], steps: Sequence[int]) -> Unit | None:
    return next((unit for unit in asked if unit.id == steps[-1]), None)


@cache
def _working() -> Select[tuple[Unit]]:
    """The unit and what works for it, as far as they have the role; the first does the work."""
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
        .order_by(Unit.id != unit_id, _arm_order(), Unit.code)
        .limit(2)
    )


def _arm_order() -> Case[Any]:
    return case({kind: number for number, kind in enumerate(ARMS)}, value=Unit.kind, else_=-1)


def _seated(db: Session, unit_ids: Sequence[int], role: str, now: datetime) -> Sequence[Seated]:
    asked = {"unit_ids": unit_ids, "role": role, "now": now}
    return [Seated(*row[:5]) for row in db.execute(_seating(), asked)]


@cache
def _seating() -> Select[Any]:
    """Posts in force with who sits in them (nobody in a vacant one), deputies after holders."""
    now = bindparam("now", type_=UtcDateTime)
    in_force = and_(
        Post.unit_id.in_(bindparam("unit_ids", expanding=True)),
        Post.role == bindparam("role"),
        Post.from_at <= now,
        or_(Post.until_at.is_(None), Post.until_at > now),
    )
    employed = _employed(User, now)
    nobody = null().label("deputy_for")
    own = (
        select(Post.unit_id, Post.id.label("post_id"), User.id.label("user_id"), User.name, nobody)
        .outerjoin(User, and_(User.id == Post.user_id, employed))
        .add_columns(literal(0).label("turn"))
        .where(in_force)
    )
    standing_in = (
        select(Post.unit_id, Post.id, User.id, User.name, Post.user_id)
        .join(Deputy, Deputy.post_id == Post.id)
        .join(User, and_(User.id == Deputy.user_id, employed))
        .add_columns(literal(1))
        .where(in_force, Deputy.from_at <= now, Deputy.until_at > now)
    )
    both = union_all(own, standing_in).subquery()
    return select(both).order_by(both.c.turn, both.c.post_id)


def _holders(rows: Iterable[Seated]) -> list[Holder]:
    """One entry a person: who holds a post and deputises for another acts in their own right."""
    found: dict[int, Holder] = {}
    for row in rows:
        if row.user_id is not None:
            entry = Holder(row.user_id, row.name or "", row.post_id, row.deputy_for)
            found.setdefault(row.user_id, entry)
    return list(found.values())
