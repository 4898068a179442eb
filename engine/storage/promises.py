"""What a case's answer counts: in time, late, and since when it was missing.

Pure: columns in, counts out. What the citizen was promised is missed when its time has come without
an answer; it stays missed until the case is closed, whatever is answered later.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.storage.stays import StayCount


def closing_counts(case: Any, at: datetime, zone: ZoneInfo) -> Iterator[StayCount]:
    """Yield what a case counts that was closed then; nothing without a limit.

    One that had no answer of its own was answered by its end.
    """
    if case.due_at is None:
        return
    day, missed = _day(at, zone), missed_at(case, at)
    yield StayCount("closed_limited", day, 1)
    if missed is None:
        yield StayCount("closed_in_time", day, 1)
    else:
        yield StayCount("answer_late_from", _day(max(missed, case.opened_at), zone), 1)
        yield StayCount("answer_late_until", day, 1)


def missed_at(case: Any, by: datetime) -> datetime | None:
    """Return when a promise passed without an answer, by then or before; None if none did."""
    if case.missed_at is not None:
        kept: datetime = case.missed_at
        return kept
    due: datetime | None = case.due_at
    return due if due is not None and (case.answered_at or by) > due else None


def _day(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat()
