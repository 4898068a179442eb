"""Sessions and tokens: who brings a key is found with user and seats in one statement.

A key is 256 random bits; the table holds its SHA-256, from which nothing is guessed. The ends are
conditions of the statement. What has ended is deleted, so that it ends at once everywhere.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from engine.access.actors import Actor, actor_from, recent_since, seats_statement
from engine.models import User, UserSession, new_id
from engine.models.base import Hex, UtcDateTime

# How often the last use is written down.
NOTED = timedelta(minutes=1)
# What a token may be allowed to do.
SCOPES = ("cases.read", "tasks.complete", "drafts.read", "drafts.write")


@dataclass(frozen=True)
class AuthenticatedSession:
    """Somebody recognised by a key: user, session and seats, as plain values."""

    session_id: int
    kind: str
    scopes: frozenset[str]
    seen_at: datetime
    proved_at: datetime
    proof: str
    login: str
    locale: str
    must_change: bool
    password_at: datetime | None
    actor: Actor


@dataclass(frozen=True)
class SessionOrigin:
    """Where a session begins: the address, and the browser in a few words."""

    address: str = ""
    agent: str = ""


def begin(
    db: Session,
    user_id: int,
    *,
    now: datetime,
    lasting: timedelta,
    origin: SessionOrigin = SessionOrigin(),  # noqa: B008
    proof: str = "password",
) -> tuple[UserSession, str]:
    """Begin a session in a browser; return its row and the key, which is kept nowhere."""
    return _begun(db, user_id, now, lasting, kind="browser", proof=proof, **_where(origin))


def issue(
    db: Session,
    user_id: int,
    name: str,
    scopes: Collection[str],
    *,
    now: datetime,
    lasting: timedelta,
    origin: SessionOrigin = SessionOrigin(),  # noqa: B008
    proof: str = "password",
) -> tuple[UserSession, str]:
    """Issue a token for a program; return its row and the key, which is kept nowhere."""
    granted = " ".join(scope for scope in SCOPES if scope in scopes)
    more = {"kind": "token", "name": name, "scopes": granted, "proof": proof}
    return _begun(db, user_id, now, lasting, **more, **_where(origin))


def recognised(
    db: Session, user_id: int, key: str, *, now: datetime, idle: timedelta
) -> AuthenticatedSession | None:
    """Return who brings ``key``, None if it has ended, was revoked or never was.

    ``idle`` ends a browser that nobody used for so long; tokens end by their date alone.
    One statement for whoever has a seat, two for others.
    """
    values = {"user": user_id, "now": now, "key": digest(key), "idle": now - idle}
    values["since"] = recent_since(now)
    rows = db.execute(_with_seats(), values).all()
    known = rows or db.execute(_alone(), values).all()
    if not known:
        return None
    actor = actor_from(rows, user_id, known[0].user_name, now)
    return _visit(known[0], actor)


def note_use(db: Session, session_id: int, *, now: datetime) -> bool:
    """Write down that a session is in use, at most once a minute; whether it was written."""
    due = UserSession.seen_at <= now - NOTED
    noted = update(UserSession).where(UserSession.id == session_id, due).values(seen_at=now)
    return bool(db.execute(noted).rowcount)  # type: ignore[attr-defined]


def note_proof(db: Session, session_id: int, proof: str, *, now: datetime) -> None:
    """Write down that the person has just proved to be there.

    A password after a second factor takes nothing away from what the session was begun with.
    """
    values: dict[str, Any] = {"proved_at": now}
    if proof != "password":
        values["proof"] = proof
    db.execute(update(UserSession).where(UserSession.id == session_id).values(values))


def of_user(db: Session, user_id: int, now: datetime) -> list[UserSession]:
    """Return the sessions and tokens of a user that have not ended, the one used last first."""
    alive = select(UserSession).where(UserSession.user_id == user_id, UserSession.ends_at > now)
    return list(db.scalars(alive.order_by(UserSession.seen_at.desc(), UserSession.id)))


def end(db: Session, user_id: int, session_id: int) -> UserSession | None:
    """End one session or token of a user; return what it was, None if it is gone already."""
    row = db.get(UserSession, session_id)
    if row is None or row.user_id != user_id:
        return None
    db.delete(row)
    return row


def end_all(db: Session, user_id: int, *, but: int | None = None) -> int:
    """End every session and token of a user, except the one given; return how many."""
    ended = delete(UserSession).where(UserSession.user_id == user_id)
    if but is not None:
        ended = ended.where(UserSession.id != but)
    return int(db.execute(ended).rowcount)  # type: ignore[attr-defined]


def sweep(db: Session, *, now: datetime, idle: timedelta) -> int:
    """Remove what has ended by itself; return how many."""
    unused = (UserSession.kind == "browser") & (UserSession.seen_at <= now - idle)
    ended = delete(UserSession).where(or_(UserSession.ends_at <= now, unused))
    return int(db.execute(ended).rowcount)  # type: ignore[attr-defined]


def digest(key: str) -> str:
    """Return what the table holds of a key."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _begun(
    db: Session, user_id: int, now: datetime, lasting: timedelta, **more: Any
) -> tuple[UserSession, str]:
    key = secrets.token_urlsafe(32)
    row = UserSession(
        id=new_id(),
        key=digest(key),
        user_id=user_id,
        began_at=now,
        seen_at=now,
        ends_at=now + lasting,
        proved_at=now,
        **more,
    )
    db.add(row)
    return row, key


def _where(origin: SessionOrigin) -> dict[str, str]:
    return {"address": origin.address[:45], "agent": origin.agent[:40]}


_USER, _NOW = bindparam("user", type_=BigInteger), bindparam("now", type_=UtcDateTime)


@lru_cache(maxsize=1)
def _with_seats() -> Select[Any]:
    """Made once, as every request asks it: making it costs as much as running it."""
    return _with_session(seats_statement().join(UserSession, UserSession.user_id == _USER))


@lru_cache(maxsize=1)
def _alone() -> Select[Any]:
    return _with_session(select().select_from(UserSession))


def _with_session(statement: Select[Any]) -> Select[Any]:
    in_use = UserSession.seen_at > bindparam("idle", type_=UtcDateTime)
    return (
        statement.add_columns(
            UserSession.id.label("session_id"),
            UserSession.kind.label("session_kind"),
            UserSession.scopes,
            UserSession.seen_at,
            UserSession.proved_at,
            UserSession.proof,
            User.login,
            User.name.label("user_name"),
            User.locale,
            User.must_change,
            User.password_at,
        )
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.key == bindparam("key", type_=Hex),
            UserSession.user_id == _USER,
            UserSession.ends_at > _NOW,
            or_(UserSession.kind == "token", in_use),
            or_(User.ended_at.is_(None), User.ended_at > _NOW),
        )
    )


def _visit(row: Any, actor: Actor) -> AuthenticatedSession:
    return AuthenticatedSession(
        session_id=row.session_id,
        kind=row.session_kind,
        scopes=frozenset(row.scopes.split()),
        seen_at=row.seen_at,
        proved_at=row.proved_at,
        proof=row.proof,
        login=row.login,
        locale=row.locale,
        must_change=row.must_change,
        password_at=row.password_at,
        actor=actor,
    )
