"""Who may see and do what: every list and every object goes through here.

A unit sees a case through its rows in ``case_access``; a seat whose role oversees an area also
sees what any unit inside that area sees. Nobody sees anything without a post in force. A
confidential case goes round the units that it is about, whatever their people see else
(``confidentiality``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    false,
    or_,
    select,
)
from sqlalchemy.orm import Session

from engine.access import citizen_rights, confidentiality
from engine.access.actors import AREA_KINDS, Actor, Seat
from engine.errors import NotAllowed, NotFound
from engine.models import Case, CaseAccess, Demand, Task, Unit, UnitMove
from engine.models.base import STAMPED_LEVELS, AncestorColumns, UtcDateTime
from engine.roles import with_verb

# Areas with a good part of a county's cases.
WIDE = frozenset({"at_city", "at_county", "at_township"})
WORK_VERBS = frozenset({"sign", "complete", "return", "draft", "attach", "transfer", "co_handle"})
# What only the holder of a signed task may do to it.
HOLDER_VERBS = frozenset({"release", "suspend", "resume", "extend"})
# What the superiors of a task or a case may do to it, by role.
SUPERIOR_VERBS = {
    verb: with_verb(verb)
    for verb in (
        "assign",
        "decide",
        "decide_pause",
        "urge",
        "reopen",
        "supervise",
        "call",
        "reclassify",
        "merge",
    )
}
# Roles that answer for a unit when it is called to.
ANSWERERS = with_verb("answer")
# Marks the columns of areas in which an officer sees confidential cases, and only those.
WATCHED = "watched_"


@lru_cache(maxsize=64)
def visible_cases(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on ``Case`` that holds for exactly the cases the actor may see.

    Made once for an actor, who is rebuilt by each request: a page asks several times, and
    making it costs more than running it.
    """
    if not actor.seats:
        return false()
    line = sorted(confidentiality.own_line(actor))
    return _visible(actor.at, actor.unit_ids, _areas(actor) | _watched(actor), line)


def reach(actor: Actor) -> tuple[tuple[str, ...], dict[str, Any]]:
    """For a statement that is made once: the columns ``within_reach`` takes, and its values."""
    areas = _areas(actor) | _watched(actor)
    bound: dict[str, Any] = {f"reach_{column}": units for column, units in areas.items()}
    bound |= {"reach_at": actor.at, "reach_units": list(actor.unit_ids)}
    return tuple(areas), {**bound, "reach_line": sorted(confidentiality.own_line(actor))}


def within_reach(columns: tuple[str, ...]) -> ColumnElement[bool]:
    """``visible_cases`` for whoever oversees areas of these columns; ``reach`` has its values."""
    at = bindparam("reach_at", type_=UtcDateTime)
    areas = {column: _several(column) for column in columns}
    return _visible(at, _several("units"), areas, _several("line"))


def listed_cases(actor: Actor) -> ColumnElement[bool]:
    """Return the same condition for a list that begins with the newest.

    Who sees a good part of all cases finds a page of them at once, newest first; for who sees
    few that way would lead past everybody else's, so these few are looked up first.
    """
    if not actor.seats or sees_wide(actor):
        return visible_cases(actor)
    seen = _access(CaseAccess.case_id, actor.at, actor.unit_ids, _areas(actor))
    few = seen.distinct().cte("few").prefix_with("MATERIALIZED")
    line = sorted(confidentiality.own_line(actor))
    return and_(Case.id.in_(select(few.c.case_id)), confidentiality.not_around(line))


def sees_wide(actor: Actor) -> bool:
    """Return whether the actor may see a good part of all cases: the newest are then theirs."""
    wide = any(seat.area and seat.area[0] in WIDE for seat in actor.seats)
    return wide or bool(_watched(actor))


def visible_tasks(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on ``Task``, joined with its ``Case``, for the lists of a unit and of
    its area.

    Uses the stamps on the row, one index range an area; a query that uses it joins ``Unit``
    (``within_now``) so that a unit that has just moved away is not seen any more.
    """
    if not actor.seats:
        return false()
    inside = or_(
        Task.unit_id.in_(actor.unit_ids),
        *_inside(actor, Task),
        Task.unit_id.in_(_moving_into(actor)),
    )
    return and_(inside, not_around(actor))


@lru_cache(maxsize=64)
def not_around(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on ``Case``: it does not go round the actor; part of everything
    visible.
    """
    return confidentiality.not_around(sorted(confidentiality.own_line(actor)))


def around(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on ``Case``: it goes round the actor."""
    return confidentiality.around(sorted(confidentiality.own_line(actor)))


def apart(actor: Actor, table: Any) -> list[ColumnElement[bool]]:
    """Return the condition on rows of cases: none that goes round the actor is listed, nor counted.

    ``table`` has ``case_id`` and ``county_id``.
    """
    if len(set(actor.unit_ids)) < 2 and not actor.former:
        # Whoever sits in one unit alone, and did so, has nothing there that goes round that unit.
        return []
    same_case = and_(Case.id == table.case_id, Case.county_id == table.county_id)
    return [select(Case.id).where(same_case, not_around(actor)).correlate(table).exists()]


def mentioned(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on ``Case``: a page that is not about cases may name it to the actor.

    What is confidential only where the actor sees it.
    """
    return or_(~Case.guarded, visible_cases(actor))


def within_now(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on the joined ``Unit`` that guards ``visible_tasks`` against stale
    stamps.
    """
    return or_(Unit.id.in_(actor.unit_ids), *_inside(actor, Unit)) if actor.seats else false()


def visible_demands(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on ``Demand``, joined with the called ``Unit`` and its ``Case``.

    For the unit that is called, the one that calls, and whoever oversees the called one; the
    grid worker who took the case in does not read what the leader is asked to account for.
    """
    if not actor.seats:
        return false()
    concerned = or_(
        Demand.unit_id.in_(actor.unit_ids),
        Demand.issuer_id.in_(actor.unit_ids),
        *_inside(actor, Unit),
    )
    return and_(concerned, visible_cases(actor))


def can_see(db: Session, actor: Actor, case: Case) -> bool:
    """Return whether the actor may see this case now."""
    if not actor.seats:
        return False
    found = select(Case.id).where(
        Case.id == case.id, Case.county_id == case.county_id, visible_cases(actor)
    )
    return db.scalar(found) is not None


def require(db: Session, actor: Actor, verb: str, subject: Task | Case) -> Seat | None:
    """Return the seat that allows ``verb``; the case's citizen has none. Raises NotFound if unseen,
    NotAllowed if refused.
    """
    if actor.citizen_of is not None:
        citizen_rights.require(actor, verb, subject)
        return None
    if isinstance(subject, Task):
        seat = seat_for(actor, verb, subject)
        if seat is not None:
            return seat
        case = subject.case
    else:
        case = subject
        if verb == "see" and can_see(db, actor, case):
            return None
    if not can_see(db, actor, case):
        raise NotFound(subject.id)
    raise NotAllowed(verb, subject.id)


def require_superior(db: Session, actor: Actor, verb: str, case: Case, task: Task | None) -> Seat:
    """Return the seat from above that allows ``verb``. Raises NotFound if unseen, else
    NotAllowed.
    """
    seat = superior_seat(actor, verb, case, task)
    # Whose area the place lies in need not see what is confidential.
    if seat is not None and not (case.guarded and not can_see(db, actor, case)):
        return seat
    subject = task.id if task is not None else case.id
    if not can_see(db, actor, case):
        raise NotFound(subject)
    raise NotAllowed(verb, subject)


def superior_seat(actor: Actor, verb: str, case: Case, task: Task | None) -> Seat | None:
    """Return a seat whose role may do ``verb`` from above: in the unit itself, or over its area.

    Urging is also open to the unit that took the case in: it answers to the citizen.
    """
    roles, where = SUPERIOR_VERBS[verb], task if task is not None else case.place
    units = {task.unit_id if task is not None else case.unit_id}
    if verb == "urge":
        units.add(case.unit_id)
    return _first(
        seat
        for seat in actor.seats
        if seat.role in roles and (seat.unit_id in units or oversees(seat, where))
    )


def require_role(actor: Actor, *roles: str) -> Seat:
    """Return the actor's first seat in one of ``roles``. Raises NotAllowed."""
    for seat in actor.seats:
        if seat.role in roles:
            return seat
    raise NotAllowed(*roles)


def allowed(actor: Actor, verb: str, task: Task) -> bool:
    """Return whether ``require`` would let the actor do ``verb`` to an open task; asks no
    database.
    """
    return seat_for(actor, verb, task) is not None


def seat_for(actor: Actor, verb: str, task: Task) -> Seat | None:
    """Return the seat through which the actor may do ``verb`` to a task, own seats before
    deputised.
    """
    if verb in HOLDER_VERBS:
        return _holding(actor, task)
    if verb == "recall":
        mine = actor.user_id == (task.done_by if task.done_at else task.assignee_id)
        return _first(seat for seat in actor.seats if mine and _fits(seat, task))
    if verb not in WORK_VERBS:
        return None
    if task.assignee_id is not None and verb != "sign":
        return _holding(actor, task)
    return _first(seat for seat in actor.seats if _fits(seat, task))


def oversees(seat: Seat, unit: AncestorColumns) -> bool:
    """Return whether a seat's role oversees the area in which a unit lies."""
    return seat.area is not None and getattr(unit, seat.area[0]) == seat.area[1]


def may_unmask(db: Session, actor: Actor, case: Case, at_work: Collection[int]) -> bool:
    """Return whether the actor may read personal data in clear: who works on it now, or took it in.

    ``at_work`` are the units with an open task of the case. In a confidential case those who may
    know the reporter, and nobody who handles it.
    """
    if case.confidential:
        return confidentiality.knows(db, actor, case)
    at_hand = {case.unit_id, *at_work}
    return bool(at_hand.intersection(actor.unit_ids) or actor.roles & with_verb("unmask"))


def units_at_work(db: Session, case: Case) -> frozenset[int]:
    """Return the units with an open task of the case."""
    working = select(Task.unit_id).where(
        Task.case_id == case.id, Task.county_id == case.county_id, Task.done_at.is_(None)
    )
    return frozenset(db.scalars(working))


def _holding(actor: Actor, task: Task) -> Seat | None:
    """Return the actor's seat on a signed task; a deputy holds what the deputised person signed."""
    if task.assignee_id is None:
        return None
    return _first(
        seat
        for seat in actor.seats
        if _fits(seat, task)
        and task.assignee_id in (actor.user_id, seat.for_user_id, *seat.through)
    )


def _fits(seat: Seat, task: Task) -> bool:
    return seat.unit_id == task.unit_id and seat.role == task.role


def _first(seats: Iterable[Seat]) -> Seat | None:
    return min(seats, key=lambda seat: seat.for_user_id is not None, default=None)


def _inside(actor: Actor, table: type[AncestorColumns]) -> list[ColumnElement[bool]]:
    return [getattr(table, column).in_(units) for column, units in _areas(actor).items()]


def _areas(actor: Actor) -> dict[str, list[int]]:
    """Return the areas that the actor oversees: units by column, in the order of the columns."""
    areas: dict[str, set[int]] = {}
    for seat in actor.seats:
        if seat.area is not None:
            areas.setdefault(seat.area[0], set()).add(seat.area[1])
    return {column: sorted(units) for column, units in sorted(areas.items())}


def _watched(actor: Actor) -> dict[str, list[int]]:
    """Return the areas in which the actor, as an officer, sees the confidential cases."""
    areas: dict[str, set[int]] = {}
    for seat in confidentiality.watched(actor):
        if seat.unit_kind in AREA_KINDS and seat.level in STAMPED_LEVELS:
            unit_id = seat.stamps[STAMPED_LEVELS.index(seat.level)]
            if unit_id is not None:
                areas.setdefault(f"{WATCHED}at_{seat.level}", set()).add(unit_id)
    return {column: sorted(units) for column, units in sorted(areas.items())}


def _several(name: str) -> BindParameter[Any]:
    return bindparam(f"reach_{name}", type_=BigInteger, expanding=True)


def _visible(at: Any, units: Any, areas: Mapping[str, Any], line: Any) -> ColumnElement[bool]:
    overseen = {name: several for name, several in areas.items() if not name.startswith(WATCHED)}
    kept = {
        name.removeprefix(WATCHED): several
        for name, several in areas.items()
        if name.startswith(WATCHED)
    }
    seen = _access_exists(_access(CaseAccess.case_id, at, units, overseen))
    if kept:
        seen = or_(
            seen, and_(Case.guarded, _access_exists(_access(CaseAccess.case_id, at, [], kept)))
        )
    return and_(seen, confidentiality.not_around(line))


def _access_exists(access: Select[Any]) -> ColumnElement[bool]:
    of_case = access.where(CaseAccess.case_id == Case.id, CaseAccess.county_id == Case.county_id)
    return exists(of_case.correlate(Case))


def _access(column: Any, at: Any, units: Any, areas: Mapping[str, Any]) -> Select[Any]:
    """Return rows of access in force through which units and overseers of areas see a case."""
    inside = (getattr(Unit, level).in_(several) for level, several in areas.items())
    return (
        select(column)
        .join(Unit, Unit.id == CaseAccess.unit_id)
        .where(
            or_(CaseAccess.until_at.is_(None), CaseAccess.until_at > at),
            # The unit's own stamps are always right; the copies on the row may lag a move.
            or_(CaseAccess.unit_id.in_(units), *inside),
        )
    )


def _moving_into(actor: Actor) -> Select[Any]:
    """Return units under a pending move that now lie inside the actor's areas (stamps may lag)."""
    inside = _inside(actor, Unit) or [false()]
    pending = exists(
        select(UnitMove.id).where(
            UnitMove.done_at.is_(None),
            or_(
                UnitMove.unit_id == Unit.id,
                *(getattr(Unit, f"at_{level}") == UnitMove.unit_id for level in STAMPED_LEVELS),
            ),
        )
    )
    return select(Unit.id).where(pending, or_(*inside))
