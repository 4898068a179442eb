"""A clock that jumps: the worker fires nothing until an administrator has seen what it would fire.

A worker whose clock is a year ahead would find every deadline passed and notify the whole county.
So its clock is held against the database's, and against the last time it fired.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from engine.errors import Refusal
from engine.models import Case, Due, Setting, Tick
from engine.records import audit
from engine.storage.db import reading, transaction
from feel.text import Text

log = structlog.get_logger("worker")
HELD, CONFIRMED = "clock.held", "clock.confirmed"
APART, AHEAD = "apart", "ahead"
MOST_APART = timedelta(minutes=1)
MOST_AHEAD = timedelta(days=1)
# For so long a confirmation holds for a clock that is not the database's.
HOLDS_FOR = timedelta(hours=1)
LISTED = 50
SWEEP = "sweep"


class NothingHeld(Refusal):
    """There is nothing to confirm."""

    text = Text("没有被暂停的到期处理。", "Nothing is held.")


@dataclass(frozen=True)
class FiringHold:
    """Why nothing fires: since when, by which clock, and how much would fire."""

    why: str
    since: datetime
    now: datetime
    other: datetime
    count: int


@dataclass(frozen=True)
class HeldMoment:
    """One moment that would fire."""

    kind: str
    number: str
    case_id: int
    at: datetime


def holds(now: datetime) -> bool:
    """Return whether the worker must not fire now; what holds it is kept for who looks after it."""
    with reading() as db:
        fine = not _fault(db, now)[0] and db.get(Setting, HELD) is None
    if fine:
        return False
    with transaction() as db:
        found = hold(db, now)
    if found is not None:
        log.warning("clock held", why=found.why, count=found.count)
    return found is not None


def hold(db: Session, now: datetime) -> FiringHold | None:
    """Look at the clock before the worker fires; keeps and returns why it must not."""
    why, other = _fault(db, now)
    count = _count(db, now) if why else 0
    if not why or not count or _is_confirmed(db, why, other, now):
        kept = db.get(Setting, HELD)
        if kept is not None:
            db.delete(kept)
        return None
    before = db.get(Setting, HELD)
    since = before.value["since"] if before is not None else now.isoformat()
    value = {
        "why": why,
        "since": since,
        "now": now.isoformat(),
        "other": other.isoformat(),
        "count": count,
    }
    db.merge(Setting(key=HELD, value=value, changed_at=now))
    return held_of(value)


def current_hold(db: Session) -> FiringHold | None:
    """Return what the worker last said of why it does not fire; None while it does."""
    kept = db.get(Setting, HELD)
    return None if kept is None else held_of(kept.value)


def held_of(value: Mapping[str, Any]) -> FiringHold:
    """Return what the worker has written under the key HELD."""
    since, now, other = (datetime.fromisoformat(value[name]) for name in ("since", "now", "other"))
    return FiringHold(str(value["why"]), since, now, other, int(value["count"]))


def would_fire(
    db: Session, moment: datetime, *named: ColumnElement[bool]
) -> tuple[Mapping[str, int], list[HeldMoment]]:
    """Return what would fire at a moment: counts by kind, and the first of them; two statements.

    ``named`` are conditions on ``Case`` for those that may be named.
    """
    come = Due.fire_at <= moment
    counts = db.execute(select(Due.kind, func.count()).where(come).group_by(Due.kind))
    rows = db.execute(
        select(Due.kind, Case.number, Case.id, Due.fire_at)
        .join(Case, Case.id == Due.case_id)
        .where(come, *named)
        .order_by(Due.fire_at, Due.id)
        .limit(LISTED)
    )
    return dict(counts.tuples().all()), [HeldMoment(*row) for row in rows]


def confirm(db: Session, by_id: int, *, now: datetime) -> FiringHold:
    """Allow the worker to fire what it holds, on the record. Raises NothingHeld."""
    kept = db.get(Setting, HELD, with_for_update=True)
    if kept is None:
        raise NothingHeld()
    found = held_of(kept.value)
    value = {"why": found.why, "other": found.other.isoformat(), "at": found.now.isoformat()}
    db.merge(Setting(key=CONFIRMED, value=value, changed_at=now))
    db.delete(kept)
    audit.record_admin(db, CONFIRMED, by_id, {**value, "count": found.count}, at=now)
    return found


def _fault(db: Session, now: datetime) -> tuple[str, datetime]:
    """Return what is wrong with a clock, and by which other moment."""
    there = _database_clock(db)
    if there is not None and abs(now - there) > MOST_APART:
        return APART, there
    last = db.scalar(select(Tick.at).where(Tick.name == SWEEP))
    if last is not None and now - last > MOST_AHEAD:
        return AHEAD, last
    return "", now


def _database_clock(db: Session) -> datetime | None:
    """Return the database's own clock; SQLite has none but the worker's."""
    if db.get_bind().dialect.name != "postgresql":
        return None
    moment: datetime = db.execute(select(func.clock_timestamp())).scalar_one()
    return moment.astimezone(UTC)


def _count(db: Session, now: datetime) -> int:
    return db.scalar(select(func.count()).select_from(Due).where(Due.fire_at <= now)) or 0


def _is_confirmed(db: Session, why: str, other: datetime, now: datetime) -> bool:
    """Return whether this jump was confirmed: the same last tick, or a clock apart within the
    hour.
    """
    kept = db.get(Setting, CONFIRMED)
    if kept is None or kept.value["why"] != why:
        return False
    if why == AHEAD:
        same = kept.value["other"] == other.isoformat()
        return same and now - datetime.fromisoformat(kept.value["at"]) <= MOST_AHEAD
    return abs(now - datetime.fromisoformat(kept.value["at"])) <= HOLDS_FOR
