"""The way up: who stands above somebody that is late, past empty posts and past the late ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Row, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session, aliased

from engine import settings
from engine.access.confidentiality import line_of
from engine.models import Deputy, Post, Unit, User
from engine.models.base import UtcDateTime
from engine.org.seats import ARMS, Holder, PostOccupancy, arm_order, employed, persons
from engine.terms.levels import handling_above
from feel.text import Text

SKIPPED = {
    "vacant": Text("岗位空缺", "post vacant"),
    "no_post": Text("未设此岗位", "no such post"),
    "own": Text("即超期人员", "the overdue person"),
    "same": Text("即超期单位", "the overdue unit"),
    "around": Text("保密件须回避", "bypassed: confidential case"),
}
# Who is notified at the top where nobody on the way up holds the role.
AT_THE_TOP = ("leader", "supervisor")


class Lateness(NamedTuple):
    """Who is late: a unit, by the role that a task waits for, and whoever signed for it."""

    unit: Unit
    role: str
    user_id: int | None = None


@dataclass(frozen=True)
class Skip:
    """A unit that an escalation passed by, and why: a key of ``SKIPPED``."""

    unit_id: int
    unit_name: str
    reason: str

    @property
    def text(self) -> Text:
        """The reason in words."""
        return SKIPPED[self.reason]


@dataclass(frozen=True)
class Climb:
    """Where an escalation arrives; without holders when there is nobody up to the top.

    ``role`` is the one that its holders have: another than was asked for where only the top is
    left.
    """

    unit: Unit
    holders: tuple[Holder, ...]
    skips: tuple[Skip, ...]
    role: str = ""


class ClimbRequest(NamedTuple):
    """A climb to make: from which unit, how many handling levels up, to which role.

    Who is ``late`` is never reached. ``over``: only another unit that stands above the late one
    will do. ``apart`` are people, ``around`` units with all below them, that are skipped.
    """

    unit: Unit
    levels_up: int
    role: str
    late: Lateness | None = None
    over: bool = False
    apart: frozenset[int] = frozenset()
    around: frozenset[int] = frozenset()


def climb(
    db: Session,
    unit: Unit,
    levels_up: int,
    role: str,
    now: datetime,
    *,
    levels: Sequence[str] | None = None,
) -> Climb:
    """Return the holders of ``role`` so many handling levels above ``unit``; one statement.

    A department, centre or committee counts as of its own level, so that one level above a
    county department is the county itself, the top. Vacant posts are skipped, upward, and
    every unit skipped is recorded. The unit itself is asked first when ``levels_up`` is 0.
    ``levels`` are the handling levels, those of the settings if not given.
    """
    return climb_all(db, [ClimbRequest(unit, levels_up, role)], now, levels=levels)[0]


def climb_all(
    db: Session, ways: Sequence[ClimbRequest], now: datetime, *, levels: Sequence[str] | None = None
) -> list[Climb]:
    """Return the same for many at once, still one statement; in the order of ``ways``."""
    handling = levels or settings.current().levels
    steps = [_steps(way.unit, way.levels_up, handling) for way in ways]
    late = [way.late for way in ways if way.late is not None]
    ids = [step for one in steps for step in one] + [one.unit.id for one in late]
    roles = [way.role for way in ways] + [one.role for one in late]
    asked = {
        "ids": list(dict.fromkeys(ids)),
        "roles": list(dict.fromkeys([*roles, *AT_THE_TOP])),
        "now": now,
    }
    rows = db.execute(_seats_of_steps(), asked).all()
    found = _Seats(_by_step(dict.fromkeys(row.Unit for row in rows)), {})
    for seat, role in _unfolded(rows):
        found.occupancies.setdefault((seat.unit_id, role), []).append(seat)
    return [found.arrival(way, one) for way, one in zip(ways, steps, strict=True)]


def stands_over(upper: Unit, lower: Unit) -> bool:
    """Return whether a unit is another one than ``lower``, and above it.

    An area stands over all that lies in it, and through its centre and its committees as well;
    what works for an area never stands over that area.
    """
    if upper.id == lower.id:
        return False
    area = upper.id if upper.kind == "area" else upper.parent_id
    if upper.kind not in ("area", *ARMS[:2]) or area == lower.id:
        return False
    return area in line_of(lower)


@dataclass(frozen=True)
class _Seats:
    """What was read for many climbs: units by step, and who sits in them by unit and role."""

    working: Mapping[int, Sequence[Unit]]
    occupancies: dict[tuple[int, str], list[PostOccupancy]]

    def arrival(self, way: ClimbRequest, steps: Sequence[int]) -> Climb:
        late = self._late(way) | way.apart
        skipped: list[Skip] = []
        asked: list[Unit] = []
        for step in steps:
            group = [one for one in self.working.get(step, ()) if one not in asked]
            reasons = {one.id: _passed_by(way, one) for one in group}
            for one in group:
                found = [] if reasons[one.id] else self._holders(one, way.role, late)
                if found:
                    return Climb(one, tuple(found), tuple(skipped), way.role)
            if group:
                skipped.append(self._skip(group, way.role, reasons))
                asked += group
        return self._at_the_top(way, steps, late, tuple(skipped), asked)

    def _at_the_top(
        self,
        way: ClimbRequest,
        steps: Sequence[int],
        late: Collection[int],
        skipped: tuple[Skip, ...],
        asked: Sequence[Unit],
    ) -> Climb:
        """Return whom to notify where nobody holds the role: top leaders, else supervisors."""
        group = self.working.get(steps[-1], ()) if steps else ()
        for role in AT_THE_TOP:
            for one in group:
                found = [] if _passed_by(way, one, role) else self._holders(one, role, late)
                if found:
                    return Climb(one, tuple(found), skipped, role)
        top = next((unit for unit in asked if unit.id == steps[-1]), None) or way.unit
        if way.over and way.late is not None and not stands_over(top, way.late.unit):
            return self.arrival(way._replace(over=False), steps)
        return Climb(top, (), skipped, way.role)

    def _late(self, way: ClimbRequest) -> frozenset[int]:
        """Return who is never told of this: who signed and stands in for them, or could sign."""
        if way.late is None:
            return frozenset()
        unit, role, user_id = way.late
        seats = self.occupancies.get((unit.id, role), ())
        if user_id is None:
            return frozenset(one.user_id for one in seats if one.user_id is not None)
        deputies = {one.user_id for one in seats if one.deputy_for == user_id and one.user_id}
        return frozenset({user_id, *deputies})

    def _holders(self, unit: Unit, role: str, late: Collection[int]) -> list[Holder]:
        people = persons(self.occupancies.get((unit.id, role), ()))
        return [one for one in people if one.user_id not in late]

    def _skip(self, group: Sequence[Unit], role: str, reasons: Mapping[int, str]) -> Skip:
        """Return why a step was skipped: told of the first unit that could have had the post."""
        free = [one for one in group if not reasons[one.id]]
        if not free:
            return Skip(group[0].id, group[0].name, reasons[group[0].id])
        seats = {one.id: self.occupancies.get((one.id, role), ()) for one in free}
        held = next((one for one in free if persons(seats[one.id])), None)
        if held is not None:
            return Skip(held.id, held.name, "own")
        vacant = next((one for one in free if seats[one.id]), None)
        passed = vacant or free[0]
        return Skip(passed.id, passed.name, "vacant" if vacant else "no_post")


def _passed_by(way: ClimbRequest, unit: Unit, role: str = "") -> str:
    """Return why nobody of a unit is asked, or nothing."""
    if way.around and way.around & line_of(unit):
        return "around"
    if way.late is None:
        return ""
    late = way.late.unit
    queue = unit.id == late.id and (role or way.role) == way.late.role
    return "same" if queue or (way.over and not stands_over(unit, late)) else ""


def _steps(unit: Unit, levels_up: int, levels: Sequence[str]) -> list[int]:
    """Return ids of the units to ask, the target first, then upward to the top handling level."""
    target = max(handling_above(unit.level, levels) - levels_up, 0)
    areas = [getattr(unit, f"at_{level}", None) for level in reversed(levels[: target + 1])]
    first = [unit.id] if levels_up == 0 else []
    return list(dict.fromkeys([*first, *(area for area in areas if area is not None)]))


@cache
def _seats_of_steps() -> Select[Any]:
    """Return the units ``ids`` and the centres and committees that work for them, in order, each
    with
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
        .outerjoin(own, and_(own.id == Post.user_id, employed(own, now)))
        .outerjoin(Deputy, stands_in)
        .outerjoin(deputy, and_(deputy.id == Deputy.user_id, employed(deputy, now)))
        .where(or_(Unit.id.in_(ids), arms), Unit.ended_at.is_(None))
        .order_by(arm_order(), Unit.code, Post.id, Deputy.id)
    )


def _unfolded(rows: Sequence[Row[Any]]) -> list[tuple[PostOccupancy, str]]:
    """Return a seat for each holder, or vacant post, and after them one for each deputy; with the
    role.
    """
    own = {
        row.post_id: (
            PostOccupancy(row.Unit.id, row.post_id, row.user_id, row.name, None),
            row.role,
        )
        for row in rows
        if row.post_id is not None
    }
    standing_in = [
        (
            PostOccupancy(row.Unit.id, row.post_id, row.deputy_id, row.deputy_name, row.deputy_for),
            row.role,
        )
        for row in rows
        if row.deputy_id is not None
    ]
    return [*own.values(), *standing_in]


def _by_step(units: Iterable[Unit]) -> dict[int, list[Unit]]:
    """Return the unit of each step, and the centres and committees that work for it, in their
    order.
    """
    found: dict[int, list[Unit]] = {}
    for unit in units:
        found.setdefault(unit.id, []).append(unit)
        if unit.kind in ARMS[:2] and unit.parent_id is not None:
            found.setdefault(unit.parent_id, []).append(unit)
    return found
