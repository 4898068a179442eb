"""Open311 GeoReport v2: the county's public kinds as services, public cases as requests.

Nothing is given that the public site would not show: kind, place, day, state, and the answer with
the numbers of persons masked; never the words of a report or who sent it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, joinedload

from engine.citizens import following, reporting
from engine.definitions.citizen_choices import CitizenChoice
from engine.errors import InvalidInput, NotFound
from engine.models import Case, GeoreportKey, Unit, new_id
from engine.records import audit, vault
from feel.text import Text

DAYS, MOST = 90, 100
LONGEST_NAME = 60
NO_NAME = Text("请填写名称，最多 60 字。", "Give a name of 60 characters at most.")
# Of a position, so that it says which street and not which door: about ten metres.
DECIMALS = 4


@dataclass(frozen=True)
class RequestQuery:
    """What a list of requests is narrowed by."""

    ids: tuple[int, ...] = ()
    services: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    updated_since: datetime | None = None
    updated_until: datetime | None = None
    states: frozenset[str] = frozenset({"open", "closed"})
    page: int = 1
    size: int = 50


@dataclass(frozen=True)
class PublicRequest:
    """What is public of one case."""

    id: int
    service: CitizenChoice
    is_closed: bool
    notes: str
    agency: str
    place: str
    requested_at: datetime
    updated_at: datetime
    expected_at: datetime | None
    latitude: float | None
    longitude: float | None


def services(db: Session, now: datetime) -> Sequence[CitizenChoice]:
    """Return the kinds that citizens report and that are public. Raises NotFound."""
    found = reporting.choices(db, now).by_kind["report"]
    return [one for one in found if one.public]


def service(db: Session, code: str, now: datetime) -> CitizenChoice:
    """Return one of them. Raises NotFound."""
    for one in services(db, now):
        if one.name == code:
            return one
    raise NotFound(code)


def requests(
    db: Session, county: Unit, query: RequestQuery, *, now: datetime
) -> Sequence[PublicRequest]:
    """Return public cases, newest first: by id, else of ninety days unless asked otherwise."""
    kinds = {one.category: one for one in services(db, now)}
    asked = [one.category for one in kinds.values() if one.name in query.services]
    found = _public(county, asked if query.services else list(kinds))
    found = found.where(Case.id.in_(query.ids)) if query.ids else _within(found, query, now)
    if query.states == {"open"}:
        found = found.where(Case.closed_at.is_(None))
    elif query.states == {"closed"}:
        found = found.where(Case.closed_at.is_not(None))
    page = found.order_by(Case.opened_at.desc(), Case.id.desc())
    rows = db.scalars(page.limit(query.size).offset((query.page - 1) * query.size))
    return [_request(db, case, kinds[case.category or ""]) for case in rows]


def key_of(db: Session, county: Unit, key: str) -> GeoreportKey | None:
    """Return the key that was issued for a county and is in force."""
    mine = select(GeoreportKey).where(
        GeoreportKey.county_id == county.id,
        GeoreportKey.key_mac == vault.blind("georeport", key),
        GeoreportKey.revoked_at.is_(None),
    )
    return db.scalar(mine) if key else None


def issue(db: Session, actor_id: int, county: Unit, name: str, *, now: datetime) -> str:
    """Issue a key to a program; return it, this once. Raises InvalidInput."""
    if not name.strip() or len(name) > LONGEST_NAME:
        raise InvalidInput({"name": NO_NAME})
    key = secrets.token_urlsafe(24)
    mac = vault.blind("georeport", key)
    row = GeoreportKey(id=new_id(), county_id=county.id, name=name.strip(), key_mac=mac)
    row.made_by, row.made_at, row.reports = actor_id, now, 0
    db.add(row)
    told = {"county": county.code, "name": row.name}
    audit.record_admin(db, "georeport.issued", actor_id, told, at=now)
    return key


def revoke(db: Session, actor_id: int, county: Unit, key_id: int, *, now: datetime) -> None:
    """Take a key back. Raises NotFound."""
    own = (GeoreportKey.id == key_id, GeoreportKey.county_id == county.id)
    row = db.scalar(select(GeoreportKey).where(*own, GeoreportKey.revoked_at.is_(None)))
    if row is None:
        raise NotFound(key_id)
    row.revoked_at = now
    told = {"county": county.code, "name": row.name}
    audit.record_admin(db, "georeport.revoked", actor_id, told, at=now)


def keys(db: Session, county: Unit) -> list[GeoreportKey]:
    """Return the keys of a county, newest first."""
    own = select(GeoreportKey).where(GeoreportKey.county_id == county.id)
    return list(db.scalars(own.order_by(GeoreportKey.id.desc())))


def count(db: Session, key: GeoreportKey) -> None:
    """Count a report that came by a key."""
    mine = update(GeoreportKey).where(GeoreportKey.id == key.id)
    db.execute(mine.values(reports=GeoreportKey.reports + 1))


def _public(county: Unit, categories: Collection[str]) -> Select[tuple[Case]]:
    return (
        select(Case)
        .where(
            Case.county_id == county.id,
            Case.process == "ticket",
            Case.category.in_(categories),
            ~Case.guarded,
        )
        .options(joinedload(Case.unit))
    )


def _within(found: Select[tuple[Case]], query: RequestQuery, now: datetime) -> Select[tuple[Case]]:
    until = query.until or now
    since = query.since or until - timedelta(days=DAYS)
    if query.updated_since is None and query.updated_until is None:
        return found.where(Case.opened_at.between(since, until))
    changed = func.coalesce(Case.closed_at, Case.answered_at, Case.opened_at)
    if query.since or query.until:
        found = found.where(Case.opened_at.between(since, until))
    if query.updated_since is not None:
        found = found.where(changed >= query.updated_since)
    if query.updated_until is not None:
        found = found.where(changed <= query.updated_until)
    return found


def _request(db: Session, case: Case, kind: CitizenChoice) -> PublicRequest:
    shown = following.public_view(db, case.id)
    return PublicRequest(
        id=case.id,
        service=kind,
        is_closed=case.closed_at is not None,
        notes=shown.answer or (shown.steps[-1].words if shown.steps else ""),
        agency=shown.units[0] if shown.units else case.unit.name,
        place=case.place_name,
        requested_at=case.opened_at,
        updated_at=case.closed_at or case.answered_at or case.opened_at,
        expected_at=case.due_at if case.answered_at is None else None,
        latitude=round(case.latitude, DECIMALS) if case.latitude is not None else None,
        longitude=round(case.longitude, DECIMALS) if case.longitude is not None else None,
    )
