"""Getting in and out: sessions and tokens begin and end with an event that says so.

An event names the account, the session and, as a keyed digest, the address: whether two log-ins
came from the same place can be told, which place that is cannot.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine.access import sessions
from engine.access.sessions import SessionOrigin
from engine.errors import InvalidInput, NotFound
from engine.models import UserSession
from engine.records import audit, vault
from feel.text import Text

LONGEST_NAME = 60
LONGEST_TOKEN = timedelta(days=366)


def enter(
    db: Session,
    user_id: int,
    *,
    now: datetime,
    lasting: timedelta,
    origin: SessionOrigin,
    proof: str,
) -> str:
    """Begin a session after a proof; return the key that the browser keeps."""
    row, key = sessions.begin(db, user_id, now=now, lasting=lasting, origin=origin, proof=proof)
    data = {"user": user_id, "session": row.id, "proof": proof, **where(origin)}
    audit.record_admin(db, "login.succeeded", user_id, data, at=now)
    return key


def refuse(
    db: Session, user_id: int | None, *, now: datetime, origin: SessionOrigin, reason: str
) -> None:
    """Record a failed log-in; of an unknown login not even what was typed."""
    data = {"user": user_id, "reason": reason, **where(origin)}
    audit.record_admin(db, "login.failed", user_id, data, at=now)


def leave(db: Session, user_id: int, session_id: int, *, now: datetime) -> None:
    """End the session that somebody logs out of."""
    if sessions.end(db, user_id, session_id) is not None:
        data = {"user": user_id, "session": session_id}
        audit.record_admin(db, "logout", user_id, data, at=now)


def end_one(db: Session, actor_id: int, user_id: int, session_id: int, *, now: datetime) -> None:
    """End a session, or revoke a token, of oneself or of somebody in reach. Raises NotFound."""
    row = sessions.end(db, user_id, session_id)
    if row is None:
        raise NotFound(session_id)
    kind = "token.revoked" if row.kind == "token" else "session.ended"
    data = {"user": user_id, "session": session_id}
    audit.record_admin(db, kind, actor_id, data, at=now)


def end_all(
    db: Session, actor_id: int | None, user_id: int, *, now: datetime, but: int | None = None
) -> int:
    """End every session and token of a user, except the one given; return how many."""
    ended = sessions.end_all(db, user_id, but=but)
    if ended:
        data = {"user": user_id, "ended": ended}
        audit.record_admin(db, "sessions.ended", actor_id, data, at=now)
    return ended


def issue_token(
    db: Session,
    user_id: int,
    name: str,
    scopes: Collection[str],
    *,
    now: datetime,
    lasting: timedelta,
    origin: SessionOrigin,
    proof: str,
) -> tuple[UserSession, str]:
    """Issue a token; return its row, and what is shown once. Raises InvalidInput."""
    name = name.strip()
    errors: dict[str, Text] = {}
    if not name or len(name) > LONGEST_NAME:
        errors["name"] = Text(
            "请填写令牌名称，最多 60 字。", "Give it a name of up to 60 characters."
        )
    if not set(scopes) & set(sessions.SCOPES):
        errors["scopes"] = Text("请至少选择一项权限。", "Choose at least one permission.")
    if not timedelta(0) < lasting <= LONGEST_TOKEN:
        errors["days"] = Text("有效期为 1 至 366 天。", "A token lasts 1 to 366 days.")
    if errors:
        raise InvalidInput(errors)
    row, key = sessions.issue(
        db, user_id, name, scopes, now=now, lasting=lasting, origin=origin, proof=proof
    )
    data = {"user": user_id, "session": row.id, "scopes": row.scopes}
    audit.record_admin(db, "token.issued", user_id, data, at=now)
    return row, key


def where(origin: SessionOrigin) -> dict[str, Any]:
    """Return the address as events hold it: a keyed digest, short enough to be compared by eye."""
    return {"from": vault.blind("address", origin.address)[:12]} if origin.address else {}
