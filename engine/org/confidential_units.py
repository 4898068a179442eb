"""Which units a county or a city names for confidential cases, in order of rank."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from engine.access import confidentiality, duties
from engine.access.actors import Actor
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.models import Case, ConfidentialUnit, Unit
from engine.models.base import STAMPED_LEVELS
from engine.org.reach import Reach, reach_of_seats, seats_of
from engine.org.tree import ancestors
from engine.records import audit
from feel.text import Text

LEVELS = ("city", "county")
RANKS = range(1, 10)
OUTSIDE = Text("请选择本地区内的单位。", "Choose a unit within this area.")
NOT_YOURS = Text("不在您的管理范围内。", "That is outside your area.")
CHANGED = Text("申请已经变化，请重新查看。", "What waits has changed; look again.")
TWO_FIRST = Text(
    "该单位是保密件的指定单位，请先由两名管理员取消指定。",
    "Confidential cases go to this unit; two administrators take it off the list first.",
)
NAMED_ALREADY = Text("该单位已经指定。", "That unit is named already.")


def areas(db: Session, reach: Reach) -> list[Unit]:
    """Return the counties and cities among the areas that an administrator reaches."""
    own = Unit.id.in_([unit_id for _column, unit_id in reach.areas])
    wanted = select(Unit).where(
        Unit.kind == "area",
        Unit.level.in_(LEVELS),
        Unit.ended_at.is_(None),
        or_(own, Reach(roots=reach.roots).inside()),
    )
    return list(db.scalars(wanted.order_by(Unit.code)))


def of_areas(db: Session, area_ids: Iterable[int]) -> list[ConfidentialUnit]:
    """Return the units named by some areas, each area's in order of rank."""
    named = select(ConfidentialUnit).where(ConfidentialUnit.area_id.in_(sorted(area_ids)))
    ordered = named.order_by(ConfidentialUnit.area_id, ConfidentialUnit.rank)
    return list(db.scalars(ordered.options(joinedload(ConfidentialUnit.unit))))


def candidates(db: Session, area: Unit) -> list[Unit]:
    """Return what an area could name: itself, and its departments, centres and committees."""
    column = getattr(Unit, f"at_{area.level}")
    own = (column == area.id, Unit.level == area.level, Unit.ended_at.is_(None))
    return list(db.scalars(select(Unit).where(*own).order_by(Unit.code)))


def in_turn(db: Session, county_id: int) -> list[Unit]:
    """Return who handles a county's confidential cases, in the order in which they are asked.

    The county's own named units come first, then those of the areas above it. A county that named
    none does it itself.
    """
    county = db.get_one(Unit, county_id)
    place = {unit.id: number for number, unit in enumerate([county, *ancestors(db, county)])}
    rows = db.execute(
        select(ConfidentialUnit.area_id, ConfidentialUnit.rank, Unit)
        .join(Unit, Unit.id == ConfidentialUnit.unit_id)
        .where(ConfidentialUnit.area_id.in_(place), Unit.ended_at.is_(None))
        .where(or_(ConfidentialUnit.by_id.is_(None), ConfidentialUnit.confirmed_by.is_not(None)))
    ).all()
    ordered = sorted(rows, key=lambda row: (place[row.area_id], row.rank, row.Unit.code))
    own = any(row.area_id == county.id for row in rows)
    return [*([] if own else [county]), *(row.Unit for row in ordered)]


def taker(db: Session, case: Case, unit: Unit, heir: Unit) -> Unit | None:
    """Return who takes a case over from a unit that ends: ``heir``, unless the case goes round it.

    Then the unit that handles it instead, or the next in turn; None where there is none.
    """
    if not confidentiality.avoids(case, heir):
        return heir
    kept = case.confidentiality
    named = [kept.named_unit] if kept is not None and kept.named_unit is not None else []
    others = [one for one in named if one.id != unit.id and one.ended_at is None]
    for one in others or in_turn(db, case.county_id):
        if one.id != unit.id and one.ended_at is None and not confidentiality.avoids(case, one):
            return one
    return None


def name(
    db: Session, actor_id: int | None, area: Unit, unit: Unit, rank: int, *, now: datetime
) -> ConfidentialUnit:
    """Name a unit for confidential cases of an area; it counts once another has confirmed it.

    Raises InvalidInput, or Conflict if it is named.
    """
    line = {getattr(unit, f"at_{level}") for level in STAMPED_LEVELS}
    if area.id not in line or unit.ended_at is not None or rank not in RANKS:
        raise InvalidInput({"unit": OUTSIDE})
    if db.get(ConfidentialUnit, (area.id, unit.id)) is not None:
        raise Conflict(unit.id, text=NAMED_ALREADY)
    row = ConfidentialUnit(area_id=area.id, unit_id=unit.id, rank=rank, at=now, by_id=actor_id)
    db.add(row)
    _record(db, "confidential_unit.asked", actor_id, row, now)
    return row


def forget(db: Session, actor_id: int, area: Unit, unit_id: int, *, now: datetime) -> None:
    """Ask for taking a unit off the list, which another confirms; what waits is dropped at once.

    Cases that go to it already stay there. Raises NotFound.
    """
    row = _locked(db, area, unit_id)
    if row.in_force and row.forgotten_by is None:
        row.forgotten_by = actor_id
        _record(db, "confidential_unit.doubted", actor_id, row, now)
        return
    _record(db, "confidential_unit.withdrawn", actor_id, row, now)
    if row.in_force:
        row.forgotten_by = None
    else:
        db.delete(row)


def objection(db: Session, actor: Actor, row: ConfidentialUnit, now: datetime) -> Text | None:
    """Return why somebody cannot confirm what waits, None if they can."""
    seats = [
        seat
        for seat in seats_of(actor, duties.confirmers(), senior=True)
        if reach_of_seats([seat]).covers(db, row.area_id)
    ]
    deciding, asked_by = duties.behind(actor, seats), row.asked_by
    if asked_by is None or not seats:
        return NOT_YOURS
    if asked_by in deciding:
        return duties.ONESELF
    return duties.NotIndependent.text if duties.tied(db, deciding, {asked_by}, now) else None


def confirm(
    db: Session, actor: Actor, area: Unit, unit_id: int, *, ending: bool, now: datetime
) -> None:
    """Agree to what another asked for: the unit counts from now on, or (``ending``) no more.

    Raises NotFound, NotAllowed for who is not independent of who asked, or Conflict where by
    now it is the other of the two that waits: what was seen is what is agreed to.
    """
    row = _locked(db, area, unit_id)
    if ending != (row.forgotten_by is not None):
        raise Conflict(unit_id, text=CHANGED)
    fault = objection(db, actor, row, now)
    if fault is not None:
        raise NotAllowed("confirm", unit_id, text=fault)
    if row.forgotten_by is not None:
        _record(db, "confidential_unit.forgotten", actor.user_id, row, now)
        db.delete(row)
        return
    row.confirmed_by = actor.user_id
    _record(db, "confidential_unit.named", actor.user_id, row, now)


def require_unnamed(db: Session, unit: Unit) -> None:
    """Refuse to end or to move a unit to which reports go: so one alone would take it off the list.

    Raises Conflict.
    """
    rows = db.scalars(select(ConfidentialUnit).where(ConfidentialUnit.unit_id == unit.id))
    if any(row.in_force for row in rows):
        raise Conflict(unit.id, text=TWO_FIRST)


def _locked(db: Session, area: Unit, unit_id: int) -> ConfidentialUnit:
    row = db.get(ConfidentialUnit, (area.id, unit_id), with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(unit_id)
    return row


def _record(
    db: Session, kind: str, actor_id: int | None, row: ConfidentialUnit, now: datetime
) -> None:
    told = {"area": row.area_id, "unit": row.unit_id, "rank": row.rank, "asked_by": row.asked_by}
    audit.record_admin(db, kind, actor_id, told, at=now)
