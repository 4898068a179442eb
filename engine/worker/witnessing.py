"""The tick that takes the anchors to a second place: stamped by an authority, copied by syslog."""

from __future__ import annotations

from datetime import datetime

import structlog

from engine import settings
from engine.errors import DomainError
from engine.records import witnesses
from engine.storage.db import reading, transaction

log = structlog.get_logger("worker")
Report = dict[str, int]


def witness(now: datetime) -> Report:
    """Have the anchors witnessed in the second places that the settings name."""
    chosen, report = settings.current(), {"stamped": 0, "told": 0, "failed": 0}
    for place, step in ((chosen.anchor_tsa, _stamp), (chosen.anchor_syslog, _send)):
        try:
            if place:
                step(now, report)
        except (OSError, DomainError) as error:
            # The other place is none the worse for it.
            log.warning("witness failed", error=type(error).__name__)
            report["failed"] += 1
    return report


def _stamp(_now: datetime, report: Report) -> None:
    with reading() as db:
        newest = witnesses.unstamped(db)
    if newest is not None:
        stamp = witnesses.stamp(newest)
        with transaction() as db:
            db.add(stamp)
        report["stamped"] = 1


def _send(now: datetime, report: Report) -> None:
    while True:
        with reading() as db:
            rows = witnesses.untold(db)
        if not rows:
            return
        witnesses.send(rows)
        with transaction() as db:
            witnesses.note_told(db, rows[-1], now)
        report["told"] += len(rows)
