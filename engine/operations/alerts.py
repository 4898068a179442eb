"""Telling auditors what piles up: one person who unmasks, lifts or appoints much in an hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from engine.models import AdminEvent, Outbox, Post, Unit, User
from engine.notices import outbox
from engine.roles import with_verb

HOUR = timedelta(hours=1)
# How many of them by one person in an hour are notified: beginnings of kinds, and the number.
LIMITS: Mapping[str, tuple[tuple[str, ...], int]] = {
    "reveal": (("personal.", "document."), 20),
    "confidential": (("disclosure.", "confidential_unit."), 3),
    "grant": (
        (
            "post.created",
            "post.filled",
            "deputy.created",
            "grant.confirmed",
            "user.password_set",
            "factors.reset",
        ),
        10,
    ),
    "export": (("export.",), 20),
}
# Of the newest events so many are looked at: by their place in the chain, which is its key.
LOOKED_AT = 5000


def look(db: Session, now: datetime) -> int:
    """Alert the auditors to unusual counts of the last hour, once an hour; return how many
    alerts.
    """
    newest = select(AdminEvent.kind, AdminEvent.actor_id, AdminEvent.at)
    rows = db.execute(newest.order_by(AdminEvent.seq.desc()).limit(LOOKED_AT)).all()
    piles: Counter[tuple[str, int]] = Counter(
        (name, row.actor_id)
        for row in rows
        if row.actor_id is not None and row.at > now - HOUR
        for name, (kinds, _limit) in LIMITS.items()
        if row.kind.startswith(kinds)
    )
    told = 0
    for (name, actor_id), count in sorted(piles.items()):
        if count >= LIMITS[name][1]:
            told += _notify(db, name, actor_id, count, now)
    return told


def _notify(db: Session, name: str, actor_id: int, count: int, now: datetime) -> int:
    cause = f"pile:{name}:{actor_id}:{now:%Y%m%d%H}"
    known = set(db.scalars(select(Outbox.cause).where(Outbox.cause.startswith(cause))))
    who = db.scalar(select(User.name).where(User.id == actor_id)) or ""
    told = 0
    for user_id, county_id in _auditors(db, now):
        mine = f"{cause}:{user_id}"
        if mine not in known and user_id != actor_id:
            key, words = f"audit.{name}", f"{who}（{count}）"
            outbox.put_for_person(
                db, county_id, key, user_id, cause=mine, now=now, text=words, trail=name
            )
            told += 1
    return told


def _auditors(db: Session, now: datetime) -> list[tuple[int, int]]:
    """Return who reads the trail, each with the county of the post."""
    holders = (
        select(Post.user_id, func.min(func.coalesce(Unit.at_county, Unit.id)))
        .join(Unit, Unit.id == Post.unit_id)
        .where(
            Post.role.in_(with_verb("audit")),
            Post.user_id.is_not(None),
            Post.from_at <= now,
            or_(Post.until_at.is_(None), Post.until_at > now),
        )
        .group_by(Post.user_id)
    )
    return [(user_id, county_id) for user_id, county_id in db.execute(holders) if user_id]
