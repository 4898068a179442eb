"""Sending: claim a row, send it, record its outcome; three steps, two transactions.

No transaction is open while the network is waited for: a hanging server would hold a row's lock
on PostgreSQL and the one writer's lock on SQLite. Whoever claims a row moves its next time past
the longest that sending may take; who dies in between leaves it to be sent again then. So a
message goes out at least once, and its key lets the receiver drop a second copy.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, joinedload

from engine.errors import DomainError
from engine.models import Case, Channel, Contact, Delivery, DeliveryAttempt, Outbox
from engine.notices.channels import composing, http, mail, preferences, webhook
from engine.notices.channels.egress import NotSent
from engine.notices.channels.message import ChannelSnapshot, Message
from engine.notices.outbox import BACK_OFF
from engine.notices.telling import messages
from engine.records import vault
from engine.records.bindings import of_channel
from feel.text import Text

LEASE = timedelta(minutes=5)
MOST_IN_A_DIGEST = 100
TRANSPORTS: dict[str, Callable[[ChannelSnapshot, Message], int]] = {
    "mail": mail.send,
    "http": http.send,
    "webhook": webhook.send,
}


@dataclass(frozen=True)
class ClaimedMessage:
    """What was claimed: the rows, and the message with its way out, or why there is none."""

    channel_id: int
    ids: tuple[int, ...]
    way: ChannelSnapshot
    message: Message | None
    hindrance: NotSent | None = None


@dataclass(frozen=True)
class SendResult:
    """The outcome of one attempt."""

    took_ms: int
    status: int | None = None
    error: NotSent | None = None


def claim(db: Session, channel_id: int, now: datetime) -> ClaimedMessage | None:
    """Take the next message of a channel, with all that its digest gathers; None when none waits.

    ``send_at`` serves as the lease: until it has passed, no other worker sees the rows.
    """
    channel = db.get(Channel, channel_id)
    if channel is None or channel.active_from is None:
        return None
    first = db.scalar(_due(channel_id, now).limit(1))
    if first is None:
        return None
    # What is new stands on top.
    rows = sorted([first, *_gathered(db, first, now)], key=lambda one: one.at, reverse=True)
    for row in rows:
        row.attempts, row.send_at = row.attempts + 1, now + LEASE
    way = way_of(channel)
    ids = tuple(row.id for row in rows)
    try:
        message = composing.compose(db, channel, rows, now)
    except SQLAlchemyError:
        raise
    except Exception as error:
        # Claimed all the same: a row that cannot be composed must not stand before the others.
        return ClaimedMessage(channel_id, ids, way, None, _hindrance(error))
    return ClaimedMessage(channel_id, ids, way, message)


def send(parcel: ClaimedMessage) -> SendResult:
    """Send it, outside of any transaction; whatever goes wrong is an outcome, never raised."""
    began = time.monotonic()
    try:
        if parcel.message is None:
            return SendResult(0, error=parcel.hindrance)
        status = TRANSPORTS[parcel.way.kind](parcel.way, parcel.message)
        return SendResult(_since(began), status)
    except Exception as error:
        reason = _hindrance(error)
        return SendResult(_since(began), reason.status, reason)


def record(db: Session, parcel: ClaimedMessage, outcome: SendResult, now: datetime) -> bool:
    """Note an attempt and what follows from it; True when the message is out."""
    rows = _claimed(db, parcel.ids)
    for row in rows:
        _note(db, row, outcome, now)
        if row.sent_at is not None or row.dead_at is not None:
            continue
        if outcome.error is None:
            row.sent_at, row.error = now, None
        else:
            _put_off(db, row, outcome.error, now)
    messages.settle(db, [row for row in rows if row.channel.audience == "citizen"], now)
    _judge(db, parcel.channel_id, outcome, now)
    return outcome.error is None


def way_of(channel: Channel) -> ChannelSnapshot:
    """Return the channel with its secrets in clear, for as long as one message takes."""
    secrets = vault.unseal(channel.secrets, of_channel(channel)) if channel.secrets else {}
    seconds = int(channel.config.get("seconds", 10))
    return ChannelSnapshot(channel.kind, channel.config, secrets, seconds)


def _due(channel_id: int, now: datetime) -> Any:
    whole = (
        joinedload(Delivery.channel),
        joinedload(Delivery.user),
        joinedload(Delivery.case).joinedload(Case.place),
        joinedload(Delivery.case).joinedload(Case.unit),
        joinedload(Delivery.outbox).joinedload(Outbox.task),
    )
    return (
        select(Delivery)
        .where(
            Delivery.channel_id == channel_id,
            Delivery.sent_at.is_(None),
            Delivery.dead_at.is_(None),
            Delivery.send_at <= now,
        )
        .order_by(Delivery.send_at, Delivery.id)
        .options(*whole)
        .with_for_update(skip_locked=True, of=Delivery)
    )


def _gathered(db: Session, first: Delivery, now: datetime) -> list[Delivery]:
    """Return the other rows of the same digest."""
    if not first.digest:
        return []
    more = _due(first.channel_id, now).where(
        Delivery.digest, Delivery.user_id == first.user_id, Delivery.id != first.id
    )
    return list(db.scalars(more.limit(MOST_IN_A_DIGEST - 1)))


def _claimed(db: Session, ids: Sequence[int]) -> list[Delivery]:
    mine = select(Delivery).where(Delivery.id.in_(ids)).order_by(Delivery.id)
    return list(db.scalars(mine.with_for_update()))


def _note(db: Session, row: Delivery, outcome: SendResult, now: datetime) -> None:
    db.add(
        DeliveryAttempt(
            delivery_id=row.id,
            at=now,
            took_ms=outcome.took_ms,
            sent=outcome.error is None,
            status=outcome.status,
            error=outcome.error.text.zh if outcome.error else None,
        )
    )


def _put_off(db: Session, row: Delivery, error: NotSent, now: datetime) -> None:
    row.error = error.text.zh
    if error.lasting or row.attempts > len(BACK_OFF):
        row.dead_at = now
        return
    again = now + timedelta(minutes=BACK_OFF[row.attempts - 1])
    row.send_at = again if row.urgent else _when_awake(db, row, again)


def _when_awake(db: Session, row: Delivery, again: datetime) -> datetime:
    if row.channel.kind == "webhook":
        return again
    county = preferences.county_hours(db)
    contact = db.get(Contact, row.user_id) if row.user_id else None
    quiet = county.own(contact.quiet_from, contact.quiet_until) if contact else county.quiet
    return again if quiet is None else quiet.after(again)


def _judge(db: Session, channel_id: int, outcome: SendResult, now: datetime) -> None:
    """What an attempt says of the channel; a bad address says nothing of it."""
    error = outcome.error
    if error is not None and error.lasting:
        return
    channel = db.get_one(Channel, channel_id, with_for_update=True)
    if error is None:
        channel.failing_since, channel.failures, channel.last_sent_at = None, 0, now
        return
    channel.failing_since = channel.failing_since or now
    channel.failures, channel.last_error = channel.failures + 1, error.text.zh


def _hindrance(error: Exception) -> NotSent:
    """Return an error as the record keeps it; the words of a foreign one may repeat an address."""
    if isinstance(error, NotSent):
        return error
    if isinstance(error, DomainError):
        return NotSent(error.text)
    name = type(error).__name__
    return NotSent(Text(f"程序出错（{name}）。", f"It failed ({name})."))


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
