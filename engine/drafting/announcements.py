"""Who is notified of a draft: publishers when it is handed in, its authors when it is decided.

A message names the draft and nothing of what is in it: the page that it leads to says the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, union
from sqlalchemy.orm import Session

from engine.access.actors import seated
from engine.models import Deputy, Post, ProcessDraft, Unit, User
from engine.notices import outbox
from engine.org.reach import reach_of


def to_role(
    db: Session,
    draft: ProcessDraft,
    key: str,
    role: str,
    *,
    but: Collection[int],
    cause: str,
    now: datetime,
) -> None:
    """Notify the holders of a role over the draft's unit and deputies, except these; once per
    cause.
    """
    found = _counties(db, Post.role == role, now)
    told = {
        one: at
        for one, at in found.items()
        if one not in but and reach_of(seated(db, one, "", now), {role}).holds(db, draft.unit)
    }
    _notify(db, draft, key, told, cause, now)


def to_people(
    db: Session,
    draft: ProcessDraft,
    key: str,
    people: Collection[int],
    *,
    cause: str,
    now: datetime,
) -> None:
    """Notify those of these people who are still in office; once per cause."""
    if people:
        found = _counties(db, User.id.in_(people), now)
        _notify(db, draft, key, {one: found[one] for one in people if one in found}, cause, now)


def _counties(db: Session, who: ColumnElement[bool], now: datetime) -> dict[int, int]:
    """Return the county, or the unit above all counties, of each seat that somebody sits in."""
    area = func.coalesce(Unit.at_county, Unit.id)
    at_work = and_(
        who,
        Post.from_at <= now,
        or_(Post.until_at.is_(None), Post.until_at > now),
        or_(User.ended_at.is_(None), User.ended_at > now),
    )
    today = and_(Deputy.post_id == Post.id, Deputy.from_at <= now, Deputy.until_at > now)
    seats = select(User.id, area).join_from(Post, Unit, Unit.id == Post.unit_id)
    own = seats.join(User, User.id == Post.user_id).where(at_work)
    standing_in = seats.join(Deputy, today).join(User, User.id == Deputy.user_id).where(at_work)
    return {row[0]: row[1] for row in db.execute(union(own, standing_in))}


def _notify(
    db: Session,
    draft: ProcessDraft,
    key: str,
    counties: Mapping[int, int],
    cause: str,
    now: datetime,
) -> None:
    for user_id, county_id in sorted(counties.items()):
        outbox.put_for_person(
            db,
            county_id,
            key,
            user_id,
            cause=f"draft:{draft.id}:{cause}:{user_id}",
            now=now,
            text=draft.title,
            draft=str(draft.id),
        )
