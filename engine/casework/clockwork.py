"""The clockwork of a moment: the calendars and the escalation table in force, read together."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions import versions
from engine.timing import calendars, clocks, config_stamp


def works_in_force(db: Session, now: datetime) -> clocks.DeadlineContext:
    """Return the calendar and the escalation table in force, in one statement."""
    row = db.execute(select(versions.table_in_force(now), config_stamp.in_force())).one()
    return clockwork(db, row[1], row[0])


def clockwork(db: Session, stamp: datetime | None, table_id: int | None) -> clocks.DeadlineContext:
    """Return the clockwork of a calendar's stamp and a table's version, each read once a
    process.
    """
    return clocks.DeadlineContext(
        calendars.at_stamp(db, stamp), versions.rungs(db, table_id), partial(versions.rungs, db)
    )
