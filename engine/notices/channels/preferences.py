"""What people want: which kinds over which channel, at once or gathered, and when it is quiet."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import settings
from engine.access.actors import Actor
from engine.errors import InvalidInput
from engine.models import Channel, Contact, Post, Setting, Subscription
from engine.models.channels import DIGESTS
from engine.notices.catalogue.kinds import CHOSEN
from engine.notices.channels.hours import NO_TIME, CountyHours, clock_time
from engine.records import audit, vault
from engine.records.bindings import of_contact
from feel.text import Text
from forms import phone

KEY = "notices.hours"
STANDARD: dict[str, Any] = {"quiet_from": "22:00", "quiet_until": "07:00", "daily": "08:00"}
MAIL = re.compile(r"[^@\s,;:<>\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
LONGEST_MAIL = 200
# Who is notified of so much that it comes gathered, unless they choose otherwise.
GATHERED = frozenset({"supervisor"})


@dataclass(frozen=True)
class Address:
    """Where somebody is reached; read from the vault when something is sent, never kept."""

    mail: str = ""
    phone: str = ""


@dataclass(frozen=True)
class ChannelPreference:
    """What somebody wants over one channel."""

    kinds: Collection[str]
    digest: str
    # Nobody has chosen it: what is red or urgent comes at once, whatever it says.
    usual: bool = False


def county_hours(db: Session) -> CountyHours:
    """Return the hours that the county set, else the ones that ship."""
    value = hours_setting(db)
    zone = ZoneInfo(settings.current().timezone)
    daily = time.fromisoformat(value["daily"])
    return CountyHours(
        CountyHours(None, daily, zone).own(value["quiet_from"], value["quiet_until"]), daily, zone
    )


def hours_setting(db: Session) -> dict[str, Any]:
    """Return the county's hours as they are edited."""
    kept = db.get(Setting, KEY)
    return {**STANDARD, **(kept.value if kept else {})}


def set_hours(db: Session, actor_id: int, typed: Mapping[str, str], *, now: datetime) -> None:
    """Set the county's quiet hours and the hour of the daily digest. Raises InvalidInput."""
    read = {name: clock_time(typed.get(name, "")) for name in STANDARD}
    wrong = {name: NO_TIME for name, value in read.items() if value is None}
    if wrong:
        raise InvalidInput(wrong)
    db.merge(Setting(key=KEY, value=read, changed_at=now))
    audit.record_admin(db, "notices.hours", actor_id, read, at=now)


def address_of(db: Session, user_id: int) -> Address:
    """Return a user's addresses in clear, for sending or for their own page."""
    contact = db.get(Contact, user_id)
    return Address(**vault.unseal(contact.payload, of_contact(contact))) if contact else Address()


def set_contact(db: Session, user_id: int, typed: Mapping[str, str], *, now: datetime) -> None:
    """Keep somebody's own addresses and quiet hours. Raises InvalidInput."""
    mail, number = typed.get("mail", "").strip(), typed.get("phone", "").strip()
    start, end = typed.get("quiet_from", "").strip(), typed.get("quiet_until", "").strip()
    wrong: dict[str, Text] = {}
    if mail and (len(mail) > LONGEST_MAIL or not MAIL.fullmatch(mail)):
        wrong["mail"] = Text("邮箱地址不正确。", "This is no mail address.")
    if number and not phone.mobile(number):
        wrong["phone"] = Text("手机号不正确。", "This is no mobile number.")
    if start or end:
        wrong |= {
            name: NO_TIME
            for name, text in (("quiet_from", start), ("quiet_until", end))
            if clock_time(text) is None
        }
    if wrong:
        raise InvalidInput(wrong)
    contact = db.get(Contact, user_id) or Contact(user_id=user_id)
    contact.payload = vault.seal({"mail": mail, "phone": number}, of_contact(contact))
    contact.has_mail, contact.has_phone = bool(mail), bool(number)
    contact.quiet_from, contact.quiet_until = start or None, end or None
    db.add(contact)
    audit.record_admin(db, "contact.changed", user_id, {"user": user_id}, at=now)


def choosable(db: Session, actor: Actor) -> list[Channel]:
    """Return the channels to persons that serve an area in which the actor has a seat."""
    units = {unit for seat in actor.seats for unit in (*seat.stamps, seat.unit_id) if unit}
    rows = db.scalars(
        select(Channel)
        .where(Channel.audience == "person", Channel.active_from.is_not(None))
        .order_by(Channel.name)
    )
    return [row for row in rows if row.unit_id is None or row.unit_id in units]


def choose(db: Session, user_id: int, channel: Channel, kinds: Iterable[str], digest: str) -> None:
    """Keep what somebody wants over a channel; what nobody offers is left out."""
    wanted = set(kinds)
    row = db.get(Subscription, (user_id, channel.id))
    if row is None:
        row = Subscription(user_id=user_id, channel_id=channel.id)
        db.add(row)
    row.kinds = [key for key in CHOSEN if key in wanted]
    row.digest = digest if digest in DIGESTS else "now"


def wishes(
    db: Session, channels: Collection[Channel], users: Collection[int]
) -> dict[tuple[int, int], ChannelPreference]:
    """By user and channel: what they chose, else what the channel offers to everybody.

    Supervisors, who are notified of whole areas, get the rest of it once a day.
    """
    rows = db.scalars(
        select(Subscription).where(
            Subscription.user_id.in_(users),
            Subscription.channel_id.in_([channel.id for channel in channels]),
        )
    )
    chosen = {
        (row.user_id, row.channel_id): ChannelPreference(row.kinds, row.digest) for row in rows
    }
    watching = set(
        db.scalars(
            select(Post.user_id).where(
                Post.user_id.in_(users),
                Post.role.in_(GATHERED),
                Post.until_at.is_(None),
            )
        )
    )
    usual = {user: "daily" if user in watching else "now" for user in users}
    return {
        (user, channel.id): chosen.get(
            (user, channel.id), ChannelPreference(channel.kinds, usual[user], usual=True)
        )
        for user in users
        for channel in channels
    }
