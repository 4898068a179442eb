"""Dead letters: what could not be delivered, by channel or in the application, and resending."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Update, func, select, update
from sqlalchemy.orm import Session, joinedload

from engine.models import Case, Channel, Delivery, Outbox, User
from engine.notices.telling import messages
from engine.records import audit

PAGE = 50
# What the outbox does in the application: notices, linked cases, documents.
INSIDE, OUTSIDE = "inside", "outside"


@dataclass(frozen=True)
class DeadLetter:
    """One dead letter; ``recipient`` is a user's name, never an address."""

    id: int
    key: str
    number: str
    case_id: int | None
    way: str
    recipient: str
    attempts: int
    error: str
    dead_at: datetime


def outside(
    db: Session, *, channel_id: int | None = None, after: int | None = None
) -> tuple[list[DeadLetter], int | None]:
    """Dead deliveries, newest first, and the key of the next page; one statement."""
    query = (
        select(Delivery)
        .where(Delivery.dead_at.is_not(None))
        .options(joinedload(Delivery.channel), joinedload(Delivery.user), joinedload(Delivery.case))
    )
    if channel_id is not None:
        query = query.where(Delivery.channel_id == channel_id)
    if after is not None:
        query = query.where(Delivery.id < after)
    rows = list(db.scalars(query.order_by(Delivery.id.desc()).limit(PAGE + 1)))
    letters = [_letter(row, row.case, row.channel.name, row.user) for row in rows[:PAGE]]
    return letters, rows[PAGE - 1].id if len(rows) > PAGE else None


def inside(db: Session, *, after: int | None = None) -> tuple[list[DeadLetter], int | None]:
    """Dead rows of the outbox itself, newest first, and the key of the next page."""
    query = (
        select(Outbox, User)
        .outerjoin(User, User.id == Outbox.user_id)
        .where(Outbox.dead_at.is_not(None))
        .options(joinedload(Outbox.case))
    )
    if after is not None:
        query = query.where(Outbox.id < after)
    rows = [
        (row[0], row[1]) for row in db.execute(query.order_by(Outbox.id.desc()).limit(PAGE + 1))
    ]
    letters = [_letter(row, row.case, row.channel, user) for row, user in rows[:PAGE]]
    return letters, rows[PAGE - 1][0].id if len(rows) > PAGE else None


def counts(db: Session) -> dict[str, int]:
    """Return how many dead letters there are, in the application and outside."""
    return {
        INSIDE: _count(db, Outbox),
        OUTSIDE: _count(db, Delivery),
    }


def resend(db: Session, actor_id: int, side: str, ids: Iterable[int], *, now: datetime) -> int:
    """Requeue dead letters with all attempts; return how many."""
    wanted = list(ids)
    model = Outbox if side == INSIDE else Delivery
    done = _resent(db, _again(model, now).where(model.id.in_(wanted)), model)
    return _record(db, actor_id, side, done, now)


def resend_all(
    db: Session, actor_id: int, side: str, *, channel_id: int | None = None, now: datetime
) -> int:
    """Requeue every dead letter of a side, or of one channel."""
    model = Outbox if side == INSIDE else Delivery
    statement = _again(model, now)
    if side == OUTSIDE and channel_id is not None:
        statement = statement.where(Delivery.channel_id == channel_id)
    return _record(db, actor_id, side, _resent(db, statement, model), now)


def dead_by_channel(db: Session) -> dict[int, int]:
    """Return how many dead letters each channel has."""
    rows = db.execute(
        select(Channel.id, func.count())
        .join(Delivery, Delivery.channel_id == Channel.id)
        .where(Delivery.dead_at.is_not(None))
        .group_by(Channel.id)
    )
    return {row[0]: row[1] for row in rows}


def _again(model: type[Outbox] | type[Delivery], now: datetime) -> Update:
    return (
        update(model)
        .where(model.dead_at.is_not(None))
        .values(dead_at=None, attempts=0, send_at=now)
        .execution_options(synchronize_session=False)
    )


def _resent(db: Session, statement: Update, model: type[Outbox] | type[Delivery]) -> int:
    ids = list(db.scalars(statement.returning(model.id)))
    if model is Delivery:
        messages.requeue(db, ids)
    return len(ids)


def _record(db: Session, actor_id: int, side: str, count: int, now: datetime) -> int:
    if count:
        audit.record_admin(db, "letters.resent", actor_id, {"side": side, "count": count}, at=now)
    return count


def _count(db: Session, model: type[Outbox] | type[Delivery]) -> int:
    return db.scalar(select(func.count()).where(model.dead_at.is_not(None))) or 0


def _letter(row: Outbox | Delivery, case: Case | None, way: str, user: User | None) -> DeadLetter:
    assert row.dead_at is not None
    if case is not None and case.guarded:
        # Whom it goes round may be among those who look after channels.
        case, user = None, None
    return DeadLetter(
        row.id,
        row.key,
        case.number if case else "",
        case.id if case else None,
        way,
        user.name if user else "",
        row.attempts,
        row.error or "",
        row.dead_at,
    )
