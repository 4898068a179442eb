"""Messages to citizens: queued by the diagram, given to a channel, or left to a person to pass on.

What could not go out by itself is never dropped: whoever registered the case is asked to tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from engine import settings
from engine.models import Case, Channel, CitizenMessage, Delivery, Outbox, new_id
from engine.notices import outbox
from engine.notices.channels import fan_out, preferences
from engine.notices.telling import recipients
from engine.notices.telling.recipients import CitizenRecipient

ASK_TO_TELL, WORDS = "citizen.tell", "citizen.sms"
# The same words to the same citizen within this time are said once.
SAME_WITHIN = timedelta(hours=24)
FAILED = "failed"
CHANNEL_OF = {"sms": "http", "mail": "mail"}


@dataclass(frozen=True)
class ToldOnce:
    """What was told lately: by person and words."""

    pairs: frozenset[tuple[int | None, str]]

    def holds(self, one: CitizenRecipient, text: str) -> bool:
        """Return whether this citizen heard these words already."""
        return (one.person_id, text) in self.pairs


def send(db: Session, row: Outbox, now: datetime) -> None:
    """Tell the citizens of a case, as the outbox has it; one message for each of them."""
    case = row.case
    if case is None:
        return
    text, parties = str(row.data.get("text", "")), row.data.get("to") == "parties"
    today = settings.current().local_day(now)
    people = recipients.of_case(db, case, parties=parties, today=today)
    before, channels = _said_before(db, case, now), _channels(db, case)
    asked = False
    for one in people:
        message = _message(row, case, one, text, now)
        channel = channels.get(CHANNEL_OF.get(one.way, ""))
        if one.way == recipients.UNWANTED:
            message.way, message.state, message.settled_at = "person", "unwanted", now
        elif before.holds(one, text):
            message.state, message.settled_at = "repeated", now
            message.way = one.way
        elif channel is None:
            message.way, message.state = "person", "by_hand"
            message.reason = one.reason or recipients.NO_CHANNEL
            asked = True
        else:
            message.delivery_id = _deliver(db, row, channel, message, now)
        db.add(message)
    if asked:
        ask(db, case, row, f"tell:{row.id}", now)


def settle(db: Session, deliveries: Sequence[Delivery], now: datetime) -> None:
    """Note the outcome of messages to citizens whose deliveries have ended.

    What is given up is passed on by whoever registered the case.
    """
    ended = {one.id: one for one in deliveries if one.sent_at or one.dead_at}
    if not ended:
        return
    mine = select(CitizenMessage).where(CitizenMessage.delivery_id.in_(ended))
    for message in db.scalars(mine.with_for_update()):
        delivery = ended[message.delivery_id or 0]
        if message.state == "told":
            continue
        if delivery.sent_at is not None:
            message.state, message.settled_at, message.reason = "sent", delivery.sent_at, ""
            continue
        message.state, message.settled_at, message.reason = FAILED, now, FAILED
        case, source = delivery.case, delivery.outbox
        if case is not None and source is not None:
            ask(db, case, source, f"tell:{delivery.id}", now)


def requeue(db: Session, delivery_ids: Sequence[int]) -> None:
    """Messages whose deliveries are tried again wait again, unless a person told them."""
    db.execute(
        update(CitizenMessage)
        .where(CitizenMessage.delivery_id.in_(delivery_ids), CitizenMessage.state == FAILED)
        .values(state="waiting", settled_at=None, reason="")
        .execution_options(synchronize_session=False)
    )


def of_case(db: Session, case: Case) -> list[CitizenMessage]:
    """Return what the citizens of a case were told, newest first; one statement."""
    mine = select(CitizenMessage).where(
        CitizenMessage.case_id == case.id, CitizenMessage.county_id == case.county_id
    )
    whole = (joinedload(CitizenMessage.person), joinedload(CitizenMessage.teller))
    return list(db.scalars(mine.options(*whole).order_by(CitizenMessage.id.desc())))


def ask(db: Session, case: Case, source: Outbox, cause: str, now: datetime) -> None:
    """Ask whoever registered the case to pass the words on."""
    outbox.put(
        db,
        case,
        ASK_TO_TELL,
        cause=cause,
        now=now,
        user_id=source.user_id,
        unit_id=source.unit_id,
        role=source.role,
        tells=True,
        text=str(source.data.get("text", "")),
        text_en=str(source.data.get("text_en", "")),
    )


def _message(
    row: Outbox, case: Case, one: CitizenRecipient, text: str, now: datetime
) -> CitizenMessage:
    return CitizenMessage(
        id=new_id(),
        county_id=case.county_id,
        case_id=case.id,
        node_id=str(row.data.get("node", "")),
        text=text,
        text_en=str(row.data.get("text_en", "")),
        person_id=one.person_id,
        way=one.way if one.way in CHANNEL_OF else "person",
        state="waiting",
        reason=one.reason,
        at=row.at,
    )


def _deliver(
    db: Session, row: Outbox, channel: Channel, message: CitizenMessage, now: datetime
) -> int:
    quiet = preferences.county_hours(db).quiet
    delivery = Delivery(
        id=new_id(),
        county_id=row.county_id,
        channel_id=channel.id,
        outbox_id=row.id,
        case_id=row.case_id,
        key=WORDS,
        mark=f"citizen:{message.id}",
        at=row.at,
        send_at=now if quiet is None else quiet.after(now),
    )
    db.add(delivery)
    db.flush()
    return delivery.id


def _channels(db: Session, case: Case) -> dict[str, Channel]:
    """Return the channels to citizens that serve a case, one of each kind: the nearest."""
    active = select(Channel).where(Channel.audience == "citizen", Channel.active_from.is_not(None))
    rows = [one for one in db.scalars(active.order_by(Channel.id)) if fan_out.serves(one, case)]
    # A channel of the case's own area goes before the county's.
    return {one.kind: one for one in sorted(rows, key=lambda one: one.unit_id is not None)}


def _said_before(db: Session, case: Case, now: datetime) -> ToldOnce:
    mine = select(CitizenMessage.person_id, CitizenMessage.text).where(
        CitizenMessage.case_id == case.id,
        CitizenMessage.county_id == case.county_id,
        CitizenMessage.at > now - SAME_WITHIN,
        CitizenMessage.state.in_(("waiting", "sent", "told", "by_hand")),
    )
    return ToldOnce(frozenset((row[0], row[1]) for row in db.execute(mine)))
