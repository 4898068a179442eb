"""The facts: what waits and how long, what failed, when the worker and a backup were here last."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import settings
from engine.models import (
    Delivery,
    Due,
    IncidentRow,
    Outbox,
    Setting,
    Tally,
    TallyDelta,
    Task,
    Tick,
    Unit,
)
from engine.notices.channels import dead_letters, health
from engine.operations import clock_guard
from engine.operations.backup.making import LAST
from engine.operations.clock_guard import FiringHold
from engine.records import witnesses
from engine.storage import schema
from engine.timing import calendars

NONE = timedelta(0)


@dataclass(frozen=True)
class QueueVitals:
    """What waits, and for how long the oldest of it has."""

    count: int
    lag: timedelta


@dataclass(frozen=True)
class Vitals:
    """One moment of an installation."""

    at: datetime
    due: QueueVitals
    outbox: QueueVitals
    deliveries: QueueVitals
    incidents: QueueVitals
    # Why the worker fires nothing; None while it does.
    hold: FiringHold | None
    # Tasks whose queue nobody sits at.
    empty_queues: QueueVitals
    dead_inside: int
    dead_outside: int
    channels_in_trouble: tuple[str, ...]
    ticks: Mapping[str, Tick]
    # What the last backup noted of itself; None before the first.
    backup: Mapping[str, Any] | None
    # For how long the oldest anchor waits for its witness; None where there is no second place.
    witness_delay: timedelta | None
    disk_free: int
    disk_total: int
    revision: str | None
    head: str | None
    # The year whose notice of holidays should be in the calendar and is not.
    notice_missing: int | None = None

    @property
    def last_tick(self) -> datetime | None:
        """When a worker last did anything."""
        # Ticks that come seldom keep what a clock that was ahead has written.
        times = (tick.at for tick in self.ticks.values())
        return min(times, key=lambda at: abs(self.at - at), default=None)

    @property
    def backup_at(self) -> datetime | None:
        """When the last backup was made."""
        return datetime.fromisoformat(self.backup["at"]) if self.backup else None


def look(db: Session, now: datetime) -> Vitals:
    """Look at everything; a handful of statements, each answered by an index."""
    dead = dead_letters.counts(db)
    known = (LAST, clock_guard.HELD)
    kept = {row.key: row.value for row in db.scalars(select(Setting).where(Setting.key.in_(known)))}
    held = kept.get(clock_guard.HELD)
    disk = shutil.disk_usage(settings.current().data_dir)
    return Vitals(
        at=now,
        due=_queue(db, now, Due.fire_at),
        outbox=_queue(db, now, Outbox.send_at, *_unsent(Outbox)),
        deliveries=_queue(db, now, Delivery.send_at, *_unsent(Delivery)),
        incidents=_queue(db, now, IncidentRow.at, IncidentRow.solved_at.is_(None)),
        hold=clock_guard.held_of(held) if held else None,
        empty_queues=_queue(db, now, Task.queue_empty_since, Task.done_at.is_(None)),
        dead_inside=dead[dead_letters.INSIDE],
        dead_outside=dead[dead_letters.OUTSIDE],
        channels_in_trouble=tuple(health.in_trouble(db, now)),
        ticks={tick.name: tick for tick in db.scalars(select(Tick).order_by(Tick.name))},
        backup=kept.get(LAST),
        witness_delay=witnesses.lag(db, now) if witnesses.configured() else None,
        disk_free=disk.free,
        disk_total=disk.total,
        revision=schema.revision_of(db.connection()),
        head=schema.head(),
        notice_missing=calendars.load_calendar(db).notice_missing(now),
    )


def queues(db: Session) -> list[tuple[str, str, str, int]]:
    """Open work by unit's code, process and measure (waiting, handling), where there is any."""
    sums: dict[tuple[str, str, str], int] = {}
    for table in (Tally, TallyDelta):
        rows = db.execute(
            select(Unit.code, table.process, table.measure, func.sum(table.amount))
            .join(Unit, Unit.id == table.unit_id)
            .where(table.measure.in_(("waiting", "handling")), table.day == "")
            .group_by(Unit.code, table.process, table.measure)
        )
        for code, process, measure, amount in rows:
            key = (code, process, measure)
            sums[key] = sums.get(key, 0) + int(amount)
    return [(*key, amount) for key, amount in sorted(sums.items()) if amount]


def _queue(db: Session, now: datetime, moment: Any, *conditions: Any) -> QueueVitals:
    query = select(func.count(), func.min(moment)).where(moment <= now, *conditions)
    count, oldest = db.execute(query).one()
    return QueueVitals(count, now - oldest if oldest is not None else NONE)


def _unsent(model: type[Outbox] | type[Delivery]) -> tuple[Any, Any]:
    return model.sent_at.is_(None), model.dead_at.is_(None)
