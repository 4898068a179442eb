"""Append-only, hash-chained events: one chain a case, one for administration, and anchors.

Events of a case are written by ``LockedCase.record`` alone, those of administration here.

An event holds no personal data, only keyed digests of vault rows, so that retention can erase
a payload while the chain still verifies. Each link is a keyed hash over the link before it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import settings
from engine.models import AdminEvent, Case, Event, Setting
from engine.models.casework import GENESIS
from engine.storage.db import insert_into, one_at_a_time

# Key of the lock under which the chain of administration grows.
ADMIN_CHAIN = 620_726
# Under which length and head of that chain are noted.
ADMIN_TAIL = "audit.administration"


def record_admin(
    db: Session, kind: str, actor_id: int | None, data: Mapping[str, Any], *, at: datetime
) -> None:
    """Append one event to the chain of administration: units, posts, logins, versions."""
    db.flush()
    one_at_a_time(db, ADMIN_CHAIN)
    last = db.scalar(select(AdminEvent).order_by(AdminEvent.seq.desc()).limit(1))
    event = AdminEvent(
        seq=last.seq + 1 if last else 1, at=at, kind=kind, actor_id=actor_id, data=canonical(data)
    )
    event.hash = link(last.hash if last else GENESIS, event)
    db.add(event)
    db.flush()
    _note_tail(db, event)


def administration_tail(db: Session) -> tuple[int, str] | None:
    """Return length and head of the chain of administration as noted beside it; None before there
    is one.

    A note that was not made with the key is of no length that a chain has.
    """
    note = db.get(Setting, ADMIN_TAIL)
    if note is None:
        return None
    length, head = int(note.value["length"]), str(note.value["head"])
    genuine = hmac.compare_digest(str(note.value["seal"]), _tail_seal(length, head))
    return (length, head) if genuine else (-1, head)


def _note_tail(db: Session, event: AdminEvent) -> None:
    """Whoever cuts the tail cannot make the note say so: it is sealed with the key."""
    value = {"length": event.seq, "head": event.hash, "seal": _tail_seal(event.seq, event.hash)}
    fresh = {"value": value, "changed_at": event.at}
    statement = insert_into(db, Setting).values(key=ADMIN_TAIL, note="", **fresh)
    db.execute(statement.on_conflict_do_update(index_elements=["key"], set_=fresh))


def _tail_seal(length: int, head: str) -> str:
    return keyed_hash(f"administration:{length}:{head}")


def link(previous: str, event: Event | AdminEvent) -> str:
    """Return the keyed hash that ties an event to the one before it."""
    return keyed_hash(previous + content_of(event))


def content_of(event: Event | AdminEvent) -> str:
    """Return what an event says, to the byte, as its link hashes it."""
    return canonical(
        {
            "case": getattr(event, "case_id", None) or None,
            "county": getattr(event, "county_id", None),
            "task": getattr(event, "task_id", None),
            "seq": event.seq,
            "at": event.at.astimezone(UTC).isoformat(),
            "kind": event.kind,
            "actor": event.actor_id,
            "data": event.data,
        }
    )


def canonical(data: Mapping[str, Any]) -> str:
    """Return what an event or a note says as the one JSON text that links are hashed over."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def keyed_hash(text: str) -> str:
    """HMAC-SHA256 under the audit key: whoever has only the database cannot forge a chain."""
    key = settings.current().audit_key.encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def history(db: Session, case: Case) -> list[Event]:
    """Return all events of a case, oldest first."""
    return list(
        db.scalars(
            select(Event)
            .where(Event.case_id == case.id, Event.county_id == case.county_id)
            .order_by(Event.seq)
        )
    )


def kinds(db: Session, case: Case) -> list[str]:
    """Return the kinds of a case's events, oldest first."""
    return [event.kind for event in history(db, case)]
