"""Which counties have a public site: off in production until an administrator opens it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from engine import settings
from engine.errors import NotFound
from engine.models import PublicSite, Unit
from engine.records import audit
from engine.storage.db import insert_into


def is_open(db: Session, county_id: int) -> bool:
    """Return whether the county's site is open; where nobody decided, in a demo alone."""
    row = db.get(PublicSite, county_id)
    return row.is_open if row is not None else not settings.current().production


def county(db: Session, code: str) -> Unit:
    """Return the county of that code with an open site. Raises NotFound for every other."""
    found = db.scalar(_counties().where(Unit.code == code))
    if found is None or not is_open(db, found.id):
        raise NotFound(code)
    return found


def open_counties(db: Session) -> list[Unit]:
    """Return the counties whose sites are open, by code."""
    rows = db.scalars(_counties().order_by(Unit.code)).all()
    decided = {row.county_id: row.is_open for row in db.scalars(select(PublicSite))}
    by_default = not settings.current().production
    return [one for one in rows if decided.get(one.id, by_default)]


def switch(db: Session, actor_id: int, county: Unit, on: bool, *, now: datetime) -> None:
    """Open or close a county's site."""
    fresh = {"is_open": on, "changed_by": actor_id, "changed_at": now}
    statement = insert_into(db, PublicSite).values(county_id=county.id, **fresh)
    db.execute(statement.on_conflict_do_update(index_elements=["county_id"], set_=fresh))
    kind = "public_site.opened" if on else "public_site.closed"
    audit.record_admin(db, kind, actor_id, {"county": county.code}, at=now)


def _counties() -> Select[tuple[Unit]]:
    own = (Unit.level == "county", Unit.kind == "area", Unit.ended_at.is_(None))
    return select(Unit).where(*own)
