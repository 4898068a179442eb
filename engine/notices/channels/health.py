"""How the channels fare: what waits, what failed, and which of them is in trouble."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from engine.models import Channel, Delivery
from engine.notices.channels import dead_letters
from engine.terms.lamps import GREEN, RED, YELLOW

# A channel that fails this long, or whose messages wait this long, is red.
PATIENCE = timedelta(hours=1)
Waiting = tuple[int, datetime | None]
LAMPS = ("off", GREEN, YELLOW, RED)


@dataclass(frozen=True)
class ChannelHealth:
    """One channel and how it fares."""

    channel: Channel
    lamp: str
    waiting: int
    oldest: datetime | None
    dead: int


def overview(db: Session, now: datetime) -> list[ChannelHealth]:
    """Return every channel with its lamp; three statements."""
    rows = db.execute(
        select(Delivery.channel_id, func.count(), func.min(Delivery.send_at))
        .where(Delivery.sent_at.is_(None), Delivery.dead_at.is_(None))
        .group_by(Delivery.channel_id)
    )
    waiting: dict[int, Waiting] = {row[0]: (row[1], row[2]) for row in rows}
    dead = dead_letters.dead_by_channel(db)
    channels = db.scalars(select(Channel).order_by(Channel.name))
    return [_health(one, waiting.get(one.id, (0, None)), dead, now) for one in channels]


def lamp_of(channel: Channel, oldest: datetime | None, now: datetime) -> str:
    """Red after an hour of failures or of standing still, yellow from the first failure on."""
    if channel.active_from is None:
        return "off"
    stuck = oldest is not None and oldest <= now - PATIENCE
    since = channel.failing_since
    if stuck or (since is not None and since <= now - PATIENCE):
        return RED
    return YELLOW if since is not None else GREEN


def in_trouble(db: Session, now: datetime) -> list[str]:
    """Return names of the red channels: what an administrator sees on every page; one statement."""
    line = now - PATIENCE
    stuck = exists().where(
        Delivery.channel_id == Channel.id,
        Delivery.sent_at.is_(None),
        Delivery.dead_at.is_(None),
        Delivery.send_at <= line,
    )
    red = or_(Channel.failing_since <= line, stuck)
    active = select(Channel.name).where(Channel.active_from.is_not(None), red)
    return list(db.scalars(active.order_by(Channel.name)))


def _health(
    channel: Channel, waiting: Waiting, dead: dict[int, int], now: datetime
) -> ChannelHealth:
    count, oldest = waiting
    lamp = lamp_of(channel, oldest, now)
    return ChannelHealth(channel, lamp, count, oldest, dead.get(channel.id, 0))
