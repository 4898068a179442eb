"""Spreading: each channel gets its share of what the outbox has told people in the application.

It runs after the in-app notices and apart from them: whatever happens here, those have arrived.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from engine.models import Case, Channel, Contact, Delivery, Notice, Outbox, new_id
from engine.models.base import STAMPED_LEVELS
from engine.notices.catalogue.kinds import RED
from engine.notices.channels import preferences
from engine.notices.channels.hours import CountyHours, QuietHours
from engine.notices.channels.preferences import ChannelPreference
from engine.storage.db import insert_into
from engine.terms.channels import IN_APP
from engine.terms.priorities import PRESSING

BATCH = 200
MARKED_AT_ONCE = 5000
# Red for a supervisor, among so much that is late: what they must act on themselves.
AT_ONCE = frozenset({"case.supervised", "demand.escalated", "demand.overdue"})


@dataclass(frozen=True)
class BatchRecipients:
    """Who was notified of a batch, how they are reached and what they want."""

    users: dict[int, list[int]]
    contacts: dict[int, Contact]
    wishes: dict[tuple[int, int], ChannelPreference]
    county: CountyHours

    def can_reach(self, user_id: int, channel: Channel) -> bool:
        """Return whether the user has an address for the channel."""
        contact = self.contacts.get(user_id)
        if contact is None:
            return False
        return contact.has_mail if channel.kind == "mail" else contact.has_phone

    def quiet(self, user_id: int | None) -> QuietHours | None:
        """Return the quiet hours that hold for somebody."""
        contact = self.contacts.get(user_id) if user_id else None
        if contact is None:
            return self.county.quiet
        return self.county.own(contact.quiet_from, contact.quiet_until)


def spread(db: Session, now: datetime) -> int:
    """Give a batch of the outbox to the channels; return how many rows it was."""
    channels = list(db.scalars(select(Channel).where(Channel.active_from.is_not(None))))
    if not channels:
        return _pass_over(db, now)
    rows = _batch(db)
    if not rows:
        return 0
    circle = _circle(db, rows, channels)
    values = [one for row in rows for one in _shares(row, channels, circle, now)]
    if values:
        db.execute(insert_into(db, Delivery).values(values).on_conflict_do_nothing())
    _mark(db, [row.id for row in rows], now)
    return len(rows)


def is_urgent(row: Outbox, now: datetime) -> bool:
    """A red case of high priority: neither quiet hours nor a digest hold it up."""
    if row.case is None or row.case.priority not in PRESSING:
        return False
    task_due = row.task.deadline_at if row.task and row.task.done_at is None else None
    case_due = row.case.due_at if row.case.answered_at is None else None
    late = any(moment is not None and moment <= now for moment in (task_due, case_due))
    return row.key in RED or late


def serves(channel: Channel, case: Case | None) -> bool:
    """Return whether a channel is there for a case: its area holds the case's place."""
    if channel.unit_id is None:
        return True
    if case is None:
        return False
    above = {getattr(case.place, f"at_{level}") for level in STAMPED_LEVELS}
    return channel.unit_id in above | {case.place_id, case.unit_id}


def _pass_over(db: Session, now: datetime) -> int:
    ids = list(db.scalars(_waiting().limit(MARKED_AT_ONCE)))
    _mark(db, ids, now)
    return len(ids)


def _waiting() -> Any:
    return (
        select(Outbox.id)
        .where(Outbox.spread_at.is_(None), Outbox.sent_at.is_not(None))
        .order_by(Outbox.id)
    )


def _batch(db: Session) -> list[Outbox]:
    ids = list(db.scalars(_waiting().limit(BATCH).with_for_update(skip_locked=True, of=Outbox)))
    whole = joinedload(Outbox.case).joinedload(Case.place)
    rows = select(Outbox).where(Outbox.id.in_(ids)).order_by(Outbox.id)
    return list(db.scalars(rows.options(whole, joinedload(Outbox.task))))


def _mark(db: Session, ids: Collection[int], now: datetime) -> None:
    if ids:
        db.execute(
            update(Outbox)
            .where(Outbox.id.in_(ids))
            .values(spread_at=now)
            .execution_options(synchronize_session=False)
        )


def _circle(db: Session, rows: Collection[Outbox], channels: list[Channel]) -> BatchRecipients:
    told: dict[int, list[int]] = defaultdict(list)
    ids = [row.id for row in rows]
    for outbox_id, user_id in db.execute(
        select(Notice.outbox_id, Notice.user_id).where(Notice.outbox_id.in_(ids))
    ):
        told[outbox_id].append(user_id)
    users = {user_id for many in told.values() for user_id in many}
    contacts = db.scalars(select(Contact).where(Contact.user_id.in_(users)))
    personal = [channel for channel in channels if channel.audience == "person"]
    return BatchRecipients(
        told,
        {contact.user_id: contact for contact in contacts},
        preferences.wishes(db, personal, users),
        preferences.county_hours(db),
    )


def _shares(
    row: Outbox, channels: list[Channel], circle: BatchRecipients, now: datetime
) -> Iterator[dict[str, Any]]:
    if row.channel != IN_APP:
        return
    urgent = is_urgent(row, now)
    for channel in channels:
        started = channel.active_from
        if started is None or row.at < started or not serves(channel, row.case):
            continue
        if channel.audience == "person":
            yield from _to_persons(row, channel, circle, urgent, now)
        elif channel.audience == "citizen":
            # Citizens are told by messages of their own (``engine.notices.telling``).
            continue
        elif row.key in channel.kinds and not (row.case is not None and row.case.guarded):
            # A group or another system is nobody whose posts could be asked.
            yield _to_group(row, channel, circle, urgent, now)


def _to_persons(
    row: Outbox, channel: Channel, circle: BatchRecipients, urgent: bool, now: datetime
) -> Iterator[dict[str, Any]]:
    for user_id in circle.users.get(row.id, ()):
        wish = circle.wishes[user_id, channel.id]
        if row.key not in wish.kinds or not circle.can_reach(user_id, channel):
            continue
        at_once = urgent or (wish.usual and row.key in AT_ONCE)
        digest = wish.digest != "now" and not at_once
        moment = circle.county.next_digest(wish.digest, now) if digest else now
        yield _share(
            row,
            channel,
            f"{row.id}:{user_id}",
            user_id=user_id,
            digest=digest,
            urgent=urgent,
            send_at=_later(moment, None if urgent else circle.quiet(user_id)),
        )


def _to_group(
    row: Outbox, channel: Channel, circle: BatchRecipients, urgent: bool, now: datetime
) -> dict[str, Any]:
    # One event told to five people in the application is one message to the group.
    mark = f"{row.key}:{row.case_id}:{row.task_id}:{row.at.isoformat()}"
    free = urgent or channel.kind == "webhook"
    moment = _later(now, None if free else circle.county.quiet)
    return _share(row, channel, mark, urgent=urgent, send_at=moment)


def _later(moment: datetime, quiet: QuietHours | None) -> datetime:
    return moment if quiet is None else quiet.after(moment)


def _share(row: Outbox, channel: Channel, mark: str, **values: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "county_id": row.county_id,
        "channel_id": channel.id,
        "outbox_id": row.id,
        "case_id": row.case_id,
        "user_id": None,
        "key": row.key,
        "mark": mark,
        "digest": False,
        "urgent": False,
        "at": row.at,
        "attempts": 0,
        **values,
    }
