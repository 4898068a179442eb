"""Once a day and process: what closed cases teach opening forms to propose."""

from __future__ import annotations

from datetime import datetime

from engine.errors import NotFound
from engine.hotline import suggestions
from engine.storage.db import reading, transaction


def learn(now: datetime) -> dict[str, int]:
    """Make again what is a day old: read first, which takes seconds, then write."""
    with reading() as db:
        due = suggestions.stale(db, now)
    learned = 0
    for county_id, process in due:
        try:
            with reading() as db:
                made = suggestions.learn(db, county_id, process, now)
        except NotFound:
            # No version of the process is in force there.
            continue
        if made is not None:
            with transaction() as db:
                db.merge(made)
            learned += 1
    return {"learned": learned}
