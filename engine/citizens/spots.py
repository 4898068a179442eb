"""Codes at places: who scans one gets the report with the place, and maybe the kind, filled in.

An administrator makes them for lamp posts, shops, grids; each counts its reports, and one that
was withdrawn opens nothing any more.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from engine.citizens.references import LETTERS
from engine.errors import InvalidInput, NotFound
from engine.models import CitizenSpot, Unit, new_id
from engine.records import audit
from feel.text import Text

LENGTH, LONGEST, MOST_AT_ONCE, MOST = 8, 60, 200, 5000
NO_NAMES = Text("请填写地点名称，每行一个。", "Give the names of the places, one a line.")
TOO_MANY = Text("一次最多 200 个。", "200 at most at once.")
TOO_LONG = Text("名称最多 60 字。", "A name is 60 characters at most.")
NO_PLACE = Text("请选择所在的村（社区）、网格。", "Choose the village, community or grid.")
NO_CHOICE = Text("请选择。", "Please choose.")


def make(
    db: Session,
    actor_id: int,
    county: Unit,
    place: str,
    names: Sequence[str],
    choice: str,
    known: Sequence[str],
    *,
    now: datetime,
) -> int:
    """Make a code for each name; return how many. Raises InvalidInput by the fields of the form."""
    wanted = list(dict.fromkeys(one.strip() for one in names if one.strip()))
    own = (Unit.code == place, Unit.at_county == county.id, Unit.kind == "area")
    unit = db.scalar(select(Unit).where(*own, Unit.ended_at.is_(None))) if place else None
    errors: dict[str, Text] = {}
    if not wanted:
        errors["names"] = NO_NAMES
    elif len(wanted) > MOST_AT_ONCE:
        errors["names"] = TOO_MANY
    elif any(len(one) > LONGEST for one in wanted):
        errors["names"] = TOO_LONG
    if choice and choice not in known:
        errors["choice"] = NO_CHOICE
    if unit is None:
        errors["place"] = NO_PLACE
    if errors or unit is None:
        raise InvalidInput(errors)
    for name in wanted:
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        row = CitizenSpot(id=new_id(), county_id=county.id, unit_id=unit.id, code=code, name=name)
        row.choice, row.made_by, row.made_at, row.reports = choice, actor_id, now, 0
        db.add(row)
    told = {"county": county.code, "place": unit.code, "count": len(wanted)}
    audit.record_admin(db, "spots.made", actor_id, told, at=now)
    return len(wanted)


def withdraw(db: Session, actor_id: int, county: Unit, spot_id: int, *, now: datetime) -> None:
    """Withdraw a code; what was reported by it stays. Raises NotFound."""
    own = (CitizenSpot.id == spot_id, CitizenSpot.county_id == county.id)
    row = db.scalar(select(CitizenSpot).where(*own, CitizenSpot.withdrawn_at.is_(None)))
    if row is None:
        raise NotFound(spot_id)
    row.withdrawn_at = now
    audit.record_admin(db, "spots.withdrawn", actor_id, {"spot": row.code}, at=now)


def of_county(db: Session, county: Unit, *, live: bool = False) -> list[CitizenSpot]:
    """Return the codes of a county, newest first; with ``live`` without those withdrawn."""
    own = select(CitizenSpot).where(CitizenSpot.county_id == county.id)
    if live:
        own = own.where(CitizenSpot.withdrawn_at.is_(None))
    return list(
        db.scalars(
            own.options(joinedload(CitizenSpot.unit)).order_by(CitizenSpot.id.desc()).limit(MOST)
        )
    )


def find(db: Session, county_id: int, code: str) -> CitizenSpot | None:
    """Return the code at a place, withdrawn or not."""
    own = (CitizenSpot.code == code, CitizenSpot.county_id == county_id)
    return db.scalar(select(CitizenSpot).where(*own).options(joinedload(CitizenSpot.unit)))


def count(db: Session, county_id: int, code: str) -> None:
    """Count a report that came by a code; none for what is no code, or withdrawn."""
    if code:
        own = (CitizenSpot.code == code, CitizenSpot.county_id == county_id)
        live = update(CitizenSpot).where(*own, CitizenSpot.withdrawn_at.is_(None))
        db.execute(live.values(reports=CitizenSpot.reports + 1))
