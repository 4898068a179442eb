"""Append-only, hash-chained events: one chain a case, one for administration, and anchors.

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
from engine.access.actors import Actor, Seat
from engine.errors import Incident, Refusal
from engine.models import AdminEvent, Case, CaseState, Event, IncidentRow, Setting, Task, new_id
from engine.models.casework import GENESIS
from engine.storage import pending_rows
from engine.storage.db import insert_into, on_failure, one_at_a_time

# Key of the lock under which the chain of administration grows.
ADMIN_CHAIN = 620_726
# Under which length and head of that chain are noted.
ADMIN_TAIL = "audit.administration"


def record(
    db: Session,
    case: Case,
    state: CaseState,
    kind: str,
    actor: Actor | None,
    *,
    at: datetime,
    task: Task | None = None,
    seat: Seat | None = None,
    **data: Any,
) -> Event:
    """Append one event to the case's chain; the caller holds the case's lock.

    ``data`` is small, JSON, and free of personal data. Without an actor the worker did it.
    ``seat`` is the post through which the actor acted; a deputy's event names whom it was for.
    """
    if seat is not None:
        data["unit"] = seat.unit_id
        if seat.for_user_id is not None:
            data["for"] = seat.for_user_id
    event = Event(
        id=new_id(),
        county_id=case.county_id,
        case_id=case.id,
        seq=state.audit_length + 1,
        at=at,
        kind=kind,
        actor_id=actor.user_id if actor else None,
        task_id=task.id if task else None,
        data=_canonical(data),
    )
    event.hash = link(state.audit_head, event)
    state.audit_head, state.audit_length = event.hash, event.seq
    pending_rows.add(db, event)
    return event


def record_admin(
    db: Session, kind: str, actor_id: int | None, data: Mapping[str, Any], *, at: datetime
) -> None:
    """Append one event to the chain of administration: units, posts, logins, versions."""
    db.flush()
    one_at_a_time(db, ADMIN_CHAIN)
    last = db.scalar(select(AdminEvent).order_by(AdminEvent.seq.desc()).limit(1))
    event = AdminEvent(
        seq=last.seq + 1 if last else 1, at=at, kind=kind, actor_id=actor_id, data=_canonical(data)
    )
    event.hash = link(last.hash if last else GENESIS, event)
    db.add(event)
    db.flush()
    _note_tail(db, event)


def administration_tail(db: Session) -> tuple[int, str] | None:
    """Length and head of the chain of administration as noted beside it; None before there is one.

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
    """The keyed hash that ties an event to the one before it."""
    return keyed_hash(previous + content_of(event))


def content_of(event: Event | AdminEvent) -> str:
    """What an event says, to the byte, as its link hashes it."""
    return _canonical(
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


def keyed_hash(text: str) -> str:
    """HMAC-SHA256 under the audit key: whoever has only the database cannot mend a chain."""
    key = settings.current().audit_key.encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def history(db: Session, case: Case) -> list[Event]:
    """All events of a case, oldest first."""
    return list(
        db.scalars(
            select(Event)
            .where(Event.case_id == case.id, Event.county_id == case.county_id)
            .order_by(Event.seq)
        )
    )


def kinds(db: Session, case: Case) -> list[str]:
    """The kinds of a case's events, oldest first."""
    return [event.kind for event in history(db, case)]


@on_failure(Refusal)
def record_refusal(db: Session, error: Exception, subject: Mapping[str, Any]) -> None:
    """Write what was refused, to whom, after the refused transaction rolled back."""
    case, state = _locked(db, subject.get("case_id"))
    actor = subject.get("actor")
    if case is None or state is None or actor is None:
        return
    record(
        db,
        case,
        state,
        "refused",
        actor,
        at=subject["now"],
        verb=str(subject.get("verb", "")),
        reason=type(error).__name__,
        subject=subject.get("task_id"),
    )


@on_failure(Incident)
def record_incident(db: Session, error: Exception, subject: Mapping[str, Any]) -> None:
    """List an incident with its element and reason; a repeated one only counts up."""
    assert isinstance(error, Incident)
    case, state = _locked(db, subject.get("case_id"))
    if case is None or state is None:
        return
    verb = str(subject.get("verb", ""))
    row = db.scalar(
        select(IncidentRow).where(
            IncidentRow.case_id == case.id,
            IncidentRow.element == error.element,
            IncidentRow.verb == verb,
            IncidentRow.solved_at.is_(None),
        )
    )
    if row is not None:
        row.times += 1
        # A repair may have changed why it fails.
        row.reason_zh, row.reason_en = error.text.zh, error.text.en
        row.data = _attempt(error, subject)
        return
    row = IncidentRow(
        county_id=case.county_id,
        case_id=case.id,
        element=error.element,
        verb=verb,
        reason_zh=error.text.zh,
        reason_en=error.text.en,
        data=_attempt(error, subject),
        at=subject["now"],
    )
    db.add(row)
    actor = subject.get("actor")
    record(db, case, state, "incident", actor, at=subject["now"], element=error.element, verb=verb)


def _attempt(error: Incident, subject: Mapping[str, Any]) -> dict[str, Any]:
    """What was tried: whose task or moment, by whom, with which variables."""
    actor = subject.get("actor")
    return {
        "task_id": subject.get("task_id"),
        "due_id": subject.get("due_id"),
        "by": actor.user_id if actor else None,
        "values": error.values,
    }


def _locked(db: Session, case_id: int | None) -> tuple[Case | None, CaseState | None]:
    if case_id is None:
        return None, None
    locked = select(Case).where(Case.id == case_id).with_for_update(key_share=True)
    case = db.scalar(locked)
    return case, db.get(CaseState, case_id)


def _canonical(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
