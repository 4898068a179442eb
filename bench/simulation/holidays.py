"""Days off and make-up days of the simulated years, written down by hand from the notices.

The notices of the State Council (国办发明电) say which days of the week are off and which are
worked instead. The product takes them from a library; were both from there, a library or a
calendar that loses them would look right.
"""

from __future__ import annotations

from datetime import date, time

from engine.worktime import Calendar

# From day to day, both included.
OFF = (
    ("2026-01-01", "2026-01-03"),
    ("2026-02-15", "2026-02-23"),
    ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"),
    ("2026-06-19", "2026-06-21"),
    ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
)
WORKED = ("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10")
HOURS = ((time(8, 30), time(12)), (time(14, 30), time(18)))


def days() -> dict[date, bool]:
    """Return each day that is distinguished from its week: whether the office works."""
    found = {date.fromisoformat(day): True for day in WORKED}
    for first, last in OFF:
        begins, ends = date.fromisoformat(first), date.fromisoformat(last)
        for number in range(begins.toordinal(), ends.toordinal() + 1):
            found[date.fromordinal(number)] = False
    return found


def office() -> Calendar:
    """Return the table of an ordinary office, for the calculation that walks along it."""
    return Calendar(sessions=HOURS, days=days(), published_years=frozenset({2026}))
