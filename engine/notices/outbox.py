"""Transactional outbox and its senders: written with the cause, sent after commit, retried."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, literal, select, update
from sqlalchemy.orm import Session

from engine import org
from engine.access import confidentiality
from engine.errors import DomainError
from engine.models import Case, Notice, Outbox, Task, new_id
from engine.storage import pending_rows
from engine.storage.db import insert_into
from engine.terms.channels import IN_APP
from engine.terms.priorities import PRESSING

Sender = Callable[[Session, Outbox, datetime], None]

# Of one statement: PostgreSQL takes 65,535 values in it, SQLite 32,766.
MOST_VALUES = 2000
# The bell says 99+: every page asks, and some people never read their notices.
MOST_UNREAD = 100
# What a supervisor is notified of all day: together as a digest, where the case is not urgent.
GATHERED = frozenset({"case.escalated"})
# What a message says of a confidential case besides its number, on whatever way it goes.
CONFIDENTIAL = {"title": "保密件", "guarded": True}
# Minutes to wait after each failed attempt; after the last one the message is dead.
BACK_OFF = (1, 5, 15, 60, 180, 720)


def put(
    db: Session,
    case: Case,
    key: str,
    *,
    cause: str,
    now: datetime,
    channel: str = IN_APP,
    user_id: int | None = None,
    unit_id: int | None = None,
    role: str | None = None,
    task: Task | None = None,
    once: bool = False,
    **data: Any,
) -> None:
    """Queue one message for a person, or for whoever holds a role in a unit when it is sent.

    ``cause`` is unique: the same cause never queues twice; ``once`` expects that and leaves the
    second out. ``data`` holds nothing personal.
    """
    about: dict[str, Any] = CONFIDENTIAL if case.guarded else {"title": case.title}
    message = Outbox(
        county_id=case.county_id,
        case_id=case.id,
        task_id=task.id if task else None,
        channel=channel,
        key=key,
        data={"number": case.number, **about, **data},
        cause=cause,
        user_id=user_id,
        unit_id=unit_id,
        role=role,
        at=now,
        send_at=now,
    )
    pending_rows.add(db, message, once=once)


def put_for_person(
    db: Session, county_id: int, key: str, user_id: int, *, cause: str, now: datetime, **data: Any
) -> None:
    """Queue one message for a person about something that is no case; else as ``put``."""
    message = Outbox(
        county_id=county_id,
        channel=IN_APP,
        key=key,
        data=data,
        cause=cause,
        user_id=user_id,
        at=now,
        send_at=now,
    )
    pending_rows.add(db, message)


class WaitingMessage(NamedTuple):
    """A message that may be sent now, and whether it must be sent in a transaction of its own."""

    outbox_id: int
    alone: bool


def waiting(db: Session, now: datetime, batch: int = 400) -> list[WaitingMessage]:
    """Return messages that may be sent now, oldest first, without locking them."""
    found = db.execute(
        select(Outbox.id, Outbox.channel)
        .where(Outbox.sent_at.is_(None), Outbox.dead_at.is_(None), Outbox.send_at <= now)
        .order_by(Outbox.send_at, Outbox.id)
        .limit(batch)
    )
    return [WaitingMessage(outbox_id, channel != IN_APP) for outbox_id, channel in found]


def send(db: Session, outbox_id: int, now: datetime) -> bool:
    """Send one message in the caller's transaction; False if another worker has it."""
    row = db.scalar(
        select(Outbox)
        .where(Outbox.id == outbox_id, Outbox.sent_at.is_(None), Outbox.dead_at.is_(None))
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return False
    _senders[row.channel](db, row, now)
    row.sent_at, row.attempts = now, row.attempts + 1
    return True


def send_together(db: Session, outbox_ids: Sequence[int], now: datetime) -> set[int]:
    """Send messages to people in the application in one transaction; the ids of those sent.

    What is not among them is another worker's. Where one fails all fail: the caller then sends
    each alone.
    """
    free = (
        select(Outbox)
        .where(Outbox.id.in_(outbox_ids), Outbox.sent_at.is_(None), Outbox.dead_at.is_(None))
        .order_by(Outbox.id)
        .with_for_update(skip_locked=True)
    )
    messages = db.scalars(free).all()
    _write_notices(db, messages, now)
    sent = {message.id for message in messages}
    if sent:
        db.execute(
            update(Outbox)
            .where(Outbox.id.in_(sent))
            .values(sent_at=now, attempts=Outbox.attempts + 1)
            .execution_options(synchronize_session=False)
        )
    return sent


def failed(db: Session, outbox_id: int, error: Exception, now: datetime) -> None:
    """Note a failed attempt and when to try again; give the message up after the last."""
    row = db.get(Outbox, outbox_id, with_for_update=True)
    if row is None or row.sent_at is not None:
        return
    # A database names the values it refuses; only what we ourselves say holds nothing personal.
    words = f": {error.text.en}" if isinstance(error, DomainError) else ""
    row.error = f"{type(error).__name__}{words}"[:500]
    if row.attempts < len(BACK_OFF):
        row.send_at = now + timedelta(minutes=BACK_OFF[row.attempts])
    else:
        row.dead_at = now
    row.attempts += 1


def unread(db: Session, user_id: int, *, digest: bool = False) -> int:
    """Return how many notices a user has not read; nobody counts further than ``MOST_UNREAD``.

    With ``digest`` all that a digest gathers counts as one.
    """
    mine = select(literal(1)).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    if not digest:
        counted = mine.limit(MOST_UNREAD).subquery()
        return db.scalar(select(func.count()).select_from(counted)) or 0
    cases = mine.select_from(Notice).outerjoin(Case, Case.id == Notice.case_id)
    alone = cases.where(~_gathered()).limit(MOST_UNREAD).subquery()
    together = cases.where(_gathered()).limit(1).subquery()
    counts = [select(func.count()).select_from(one).scalar_subquery() for one in (alone, together)]
    return int(sum(db.execute(select(*counts)).one()))


def gathered(db: Session, notices: Sequence[Notice]) -> set[int]:
    """Return the ids of those that a supervisor's daily digest gathers: of what is not urgent."""
    ids = [one.id for one in notices if one.key in GATHERED]
    if not ids:
        return set()
    found = select(Notice.id).outerjoin(Case, Case.id == Notice.case_id)
    return set(db.scalars(found.where(Notice.id.in_(ids), _gathered())))


def _gathered() -> ColumnElement[bool]:
    urgent = and_(Case.priority.is_not(None), Case.priority.in_(PRESSING))
    return and_(Notice.key.in_(GATHERED), ~urgent)


def recent(
    db: Session, user_id: int, *, before: int | None = None, limit: int = 50
) -> list[Notice]:
    """Return a user's notices, newest first, below the id ``before``."""
    mine = select(Notice).where(Notice.user_id == user_id)
    if before is not None:
        mine = mine.where(Notice.id < before)
    return list(db.scalars(mine.order_by(Notice.id.desc()).limit(limit)))


def mark_read(db: Session, user_id: int, now: datetime, ids: Iterable[int] = ()) -> None:
    """Mark notices read: those named, or all."""
    mine = update(Notice).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    if ids := list(ids):
        mine = mine.where(Notice.id.in_(ids))
    db.execute(mine.values(read_at=now))


def register(channel: str, sender: Sender) -> None:
    """Register ``sender`` as the one that delivers a channel's messages."""
    _senders[channel] = sender


def _to_people(db: Session, row: Outbox, now: datetime) -> None:
    _write_notices(db, [row], now)


def _write_notices(db: Session, messages: Sequence[Outbox], now: datetime) -> None:
    """In-app: one notice a person; a second delivery of the same message adds none."""
    holders: dict[tuple[int, str], list[int]] = {}
    values = [
        {
            "id": new_id(),
            "user_id": user_id,
            "outbox_id": message.id,
            "case_id": message.case_id,
            "key": message.key,
            "data": {**message.data, "task": str(message.task_id) if message.task_id else None},
            "at": message.at,
        }
        for message in messages
        for user_id in _recipients(db, message, now, holders)
    ]
    for at in range(0, len(values), MOST_VALUES):
        insert = insert_into(db, Notice).values(values[at : at + MOST_VALUES])
        db.execute(insert.on_conflict_do_nothing())


def _recipients(
    db: Session, row: Outbox, now: datetime, known: dict[tuple[int, str], list[int]]
) -> list[int]:
    """Return whom a message is for; ``known`` are the holders of posts that were looked up
    before.
    """
    found = [row.user_id] if row.user_id is not None else _holders(db, row, now, known)
    if not row.data.get("guarded") or row.case is None:
        return found
    round_whom = confidentiality.concerned(db, row.case, found, now)
    return [user_id for user_id in found if user_id not in round_whom]


def _holders(
    db: Session, row: Outbox, now: datetime, known: dict[tuple[int, str], list[int]]
) -> list[int]:
    assert row.unit_id is not None and row.role is not None
    post = row.unit_id, row.role
    if post not in known:
        known[post] = sorted({holder.user_id for holder in org.holders(db, *post, now)})
    return known[post]


_senders: dict[str, Sender] = {IN_APP: _to_people}
