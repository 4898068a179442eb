"""The way of a case round the units that it is about: who is named to handle it instead.

Each look-up is the caller's own as long as the case is not confidential, or against nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import org, settings
from engine.access import confidentiality
from engine.errors import InvalidInput
from engine.models import Case, Confidentiality, Unit
from engine.org import Climb, ClimbRequest, Holder, confidential_units
from engine.settings import LEVELS
from feel.text import Text

NOT_HERE = Text("请选择本县内的单位。", "Choose a unit of this county.")
NOBODY_NAMED = Text(
    "反映的是本级指定办理保密件的单位或者它的上级，又没有指定其他单位：请引导群众向上级反映，或者"
    "先请管理员指定上级单位。",
    "This is about the unit named for confidential cases, or one above it, and no other is named: "
    "refer the reporter to the level above, or have an administrator name a unit there.",
)
KEPT_FROM = Text(
    "该单位与这件保密件有关，不能经手。",
    "That unit is concerned by this confidential case and cannot handle it.",
)


def keep(
    db: Session, case: Case, against: Unit | None, *, by_id: int | None, now: datetime
) -> Confidentiality:
    """Make a case confidential, for good; ``against`` is the unit that it is about.

    Raises InvalidInput where no unit is named that could handle it without that one.
    """
    named = _named_for(db, case.county_id, against) if against is not None else None
    row = Confidentiality(case_id=case.id, county_id=case.county_id, at=now, by_id=by_id)
    if against is not None and named is not None:
        row.against, row.against_id = against, against.id
        row.around_id = _top_of_line(db, against, named).id
        row.named_unit, row.named_id = named, named.id
    case.guarded, case.confidentiality = True, row
    return row


def inherit(case: Case, origin: Case, *, now: datetime) -> None:
    """Keep a case confidential that comes out of a confidential one, round the same units."""
    before = origin.confidentiality if origin.guarded else None
    # What was lifted goes round the same units as before, and so does what comes out of it.
    if before is None or not (origin.confidential or before.around_id):
        return
    row = Confidentiality(case_id=case.id, county_id=case.county_id, at=now, by_id=before.by_id)
    row.against, row.against_id = before.against, before.against_id
    row.named_unit, row.named_id = before.named_unit, before.named_id
    row.around_id = before.around_id
    case.guarded, case.confidentiality = True, row


def unit_against(db: Session, county_id: int, code: Any) -> Unit | None:
    """Return the unit reported against by its code: of the county, or above it; None for none.

    Raises InvalidInput.
    """
    if code in (None, ""):
        return None
    unit = org.unit_by_code(db, str(code))
    county = db.get_one(Unit, county_id)
    if unit is None or not {unit.id, unit.at_county} & confidentiality.line_of(county):
        raise InvalidInput({"against": NOT_HERE})
    return unit


def instead(db: Session, case: Case, unit: Unit, role: str) -> Unit:
    """Return the unit itself, or the named one where the case goes round it."""
    if not confidentiality.avoids(case, unit):
        return unit
    kept = case.confidentiality
    assert kept is not None and kept.named_unit is not None
    at_work = org.work_unit(db, kept.named_unit, role)
    return kept.named_unit if confidentiality.avoids(case, at_work) else at_work


def require_apart(case: Case, unit: Unit) -> None:
    """Refuse a unit that the case goes round. Raises InvalidInput."""
    if confidentiality.avoids(case, unit):
        raise InvalidInput({"unit": KEPT_FROM})


def apart(case: Case, units: Iterable[Unit]) -> list[Unit]:
    """Of some units those that the case does not go round."""
    return [unit for unit in units if not confidentiality.avoids(case, unit)]


def holders(db: Session, case: Case, unit_id: int, role: str, now: datetime) -> list[Holder]:
    """Return who may act as ``role`` in a unit in this case: nobody whom it goes round."""
    return _unconcerned(db, case, org.holders(db, unit_id, role, now), now)


def around(case: Case) -> frozenset[int]:
    """Return the units that a case goes round, with all that lies below them."""
    kept = case.confidentiality if case.guarded else None
    ids = (kept.around_id, kept.against_id) if kept is not None else ()
    return frozenset(one for one in ids if one is not None)


def arrival(db: Session, case: Case, found: Climb, way: ClimbRequest, now: datetime) -> Climb:
    """Return where an escalation of this case arrives: past the people that it goes round as well.

    Where nobody else is left on the way up, at the named unit and from there on upward.
    """
    if not case.guarded:
        return found
    arrived = _past_people(db, case, found, way, now, settings.current().levels)
    kept = case.confidentiality
    if arrived.holders or kept is None or kept.named_unit is None:
        return arrived
    for role in dict.fromkeys((way.role, "leader")):
        named = way._replace(unit=kept.named_unit, levels_up=0, role=role)
        first = org.climb_all(db, [named], now, levels=LEVELS)[0]
        found = _past_people(db, case, first, named, now, LEVELS)
        if found.holders:
            return Climb(found.unit, found.holders, arrived.skips, found.role)
    return arrived


def recorded(case: Case) -> dict[str, Any]:
    """Return what the chain says of a case's confidentiality: ids of units, nothing personal."""
    kept = case.confidentiality
    if kept is None:
        return {}
    return {"against": kept.against_id, "around": kept.around_id, "named": kept.named_id}


def _past_people(
    db: Session,
    case: Case,
    found: Climb,
    way: ClimbRequest,
    now: datetime,
    levels: Sequence[str],
) -> Climb:
    while found.holders:
        left = _unconcerned(db, case, found.holders, now)
        if left:
            return replace(found, holders=tuple(left))
        way = way._replace(apart=way.apart | {one.user_id for one in found.holders})
        found = org.climb_all(db, [way], now, levels=levels)[0]
    return found


def _named_for(db: Session, county_id: int, against: Unit) -> Unit:
    """Return the unit that handles a report about ``against``: the first named that is not under
    it.
    """
    for unit in confidential_units.in_turn(db, county_id):
        if against.id not in _line_ids(db, unit):
            return unit
    raise InvalidInput({"against": NOBODY_NAMED})


def _unconcerned(db: Session, case: Case, people: Sequence[Holder], now: datetime) -> list[Holder]:
    round_whom = confidentiality.concerned(db, case, [one.user_id for one in people], now)
    return [one for one in people if one.user_id not in round_whom]


def _top_of_line(db: Session, against: Unit, named: Unit) -> Unit:
    """Return the last unit upward from ``against`` that does not stand above the named one as
    well.
    """
    shared = _line_ids(db, named)
    top = against
    for unit in org.ancestors(db, against):
        if unit.id in shared:
            break
        top = unit
    return top


def _line_ids(db: Session, unit: Unit) -> set[int]:
    return {unit.id, *(above.id for above in org.ancestors(db, unit))}
