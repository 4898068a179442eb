"""What fires after the last row of a ladder, by the slow calculation."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from bench.simulation import oracle
from bench.simulation.table import LadderTable, TableRung
from engine import settings
from engine.worktime import Calendar


def ring_time(rung: TableRung, moment: datetime, calendar: Calendar) -> datetime:
    """Return when a rung fires that falls due at a moment."""
    if rung.after.unit == "hours":
        return moment
    return (oracle.opens if rung.opening else oracle.rings)(moment, calendar)


def rounds(
    table: LadderTable,
    inputs_now: Callable[[], Mapping[str, str | None]],
    last: datetime,
    calendar: Calendar,
    passed: int = 0,
) -> Iterator[tuple[TableRung, datetime]]:
    """Yield the rounds after ``last``, when the ladder's last row fell due, or the last of the
    rounds that have ``passed``, without end; each with when it falls due.

    Each goes by what the case is when the one before it rings.
    """
    levels = settings.current().levels
    for count in itertools.count(passed + 1):
        inputs = inputs_now()
        level = inputs["level"]
        top = levels.index(level) if level in levels else 0
        rung = table.again(count, top, **inputs)
        last = oracle.after(last, rung.after, calendar)
        yield rung, last
