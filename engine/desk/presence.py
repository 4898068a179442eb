"""Who has a case open now, and who is typing: shown to each other, kept for a minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.models import Case, Presence, User
from engine.storage.db import insert_into

# A page gives a sign of life every fifteen seconds; one that is hidden gives fewer.
AWAY = timedelta(seconds=45)
RENEWED = timedelta(seconds=10)
FORGOTTEN = timedelta(minutes=5)


@dataclass(frozen=True)
class CaseVisitor:
    """Somebody else on the same case."""

    user_id: int
    name: str
    writing: bool


@dataclass(frozen=True)
class CaseVisitors:
    """Who else is here; whether one's own sign of life is due, and somebody's long outdated."""

    others: tuple[CaseVisitor, ...] = ()
    due: bool = True
    outdated: bool = False


@dataclass(frozen=True)
class PresenceSign:
    """What an open page says of itself: a name of its own, and whether its reader is typing."""

    page: str = ""
    writing: bool = False


def company(
    db: Session, actor: Actor, case: Case, sign: PresenceSign, now: datetime
) -> CaseVisitors:
    """Return who else has a visible case open now; one statement."""
    rows = db.execute(
        select(Presence.user_id, User.name, Presence.page, Presence.writing, Presence.at)
        .join(User, User.id == Presence.user_id)
        .where(Presence.case_id == case.id, Presence.county_id == case.county_id)
        .order_by(User.name, User.id)
    ).all()
    others = tuple(
        CaseVisitor(row.user_id, row.name, row.writing)
        for row in rows
        if row.user_id != actor.user_id and row.at > now - AWAY
    )
    own = next((row for row in rows if row.user_id == actor.user_id), None)
    due = own is None or PresenceSign(own.page, own.writing) != sign or own.at <= now - RENEWED
    return CaseVisitors(others, due, any(row.at <= now - FORGOTTEN for row in rows))


def show(db: Session, actor: Actor, case: Case, sign: PresenceSign, *, now: datetime) -> None:
    """Record that the actor has the case open, and whether they type."""
    fresh = {"page": sign.page, "writing": sign.writing, "at": now}
    row = {
        "county_id": case.county_id,
        "case_id": case.id,
        "user_id": actor.user_id,
        **fresh,
    }
    adding = insert_into(db, Presence).values(row)
    db.execute(adding.on_conflict_do_update(index_elements=["case_id", "user_id"], set_=fresh))


def leave(db: Session, actor: Actor, case_id: int, page: str) -> None:
    """The actor's page went away; a later page of theirs, or another window, stays.

    A page says good-bye while the next one is loading, and may be heard after it.
    """
    own = Presence.case_id == case_id, Presence.user_id == actor.user_id, Presence.page == page
    db.execute(delete(Presence).where(*own))


def forget(db: Session, case: Case, *, now: datetime) -> None:
    """Drop what is long over; the table holds who is here, not who was."""
    gone = Presence.case_id == case.id, Presence.at <= now - FORGOTTEN
    db.execute(delete(Presence).where(*gone))
