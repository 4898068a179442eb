"""Counters as the chains and the open rows say they are, reckoned beside the database.

What is counted goes into a file of SQLite's own, which is gone with the ledger: a county's
counters of many years do not fit into memory.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import settings
from engine.doctor.findings import Finding
from engine.doctor.records import Record
from engine.models import Tally, TallyDelta
from feel.text import Text

CHECK = "tallies"
# What is open now, of any day: only the sum over all days has a meaning.
STOCKS = ("waiting", "handling")
FLOWS = {
    "case.opened": ("opened", 1),
    "case.closed": ("closed", 1),
    "case.reopened": ("closed", -1),
}
MOST_IN_MEMORY = 20_000
Key = tuple[int, str, str, str]


class Ledger:
    """Sums by unit, process, measure and day."""

    def __init__(self) -> None:
        # An empty name: a file without one, which only this connection sees.
        self.file = sqlite3.connect("", isolation_level=None)
        self.file.execute(
            "CREATE TABLE sums (unit INTEGER, process TEXT, measure TEXT, day TEXT,"
            " said INTEGER, counted INTEGER, PRIMARY KEY (unit, process, measure, day))"
            " WITHOUT ROWID"
        )
        self.said: Counter[Key] = Counter()
        self.zone = ZoneInfo(settings.current().timezone)

    def enter(self, record: Record) -> None:
        """Count what one case must have left in the counters."""
        process = record.case.process
        for task in record.open.values():
            measure = "waiting" if task.assignee_id is None else "handling"
            self.said[task.unit_id, process, measure, ""] += 1
        unit_id = _first_unit(record)
        for event in record.events:
            if event.kind in FLOWS:
                measure, amount = FLOWS[event.kind]
                self.said[unit_id, process, measure, self._day(event)] += amount
            elif event.kind == "escalated":
                reached = int(record.data(event)["unit"])
                self.said[reached, process, "escalated", self._day(event)] += 1
            elif event.kind == "case.handed_over":
                data = record.data(event)
                unit_id = int(data["to_unit"]) if data["from_unit"] == unit_id else unit_id
        if len(self.said) > MOST_IN_MEMORY:
            self._write()

    def compare(self, db: Session) -> Iterator[Finding]:
        """Counters that differ, folded and unfolded together."""
        self._write()
        for table in (Tally, TallyDelta):
            columns = (table.unit_id, table.process, table.measure, table.day)
            sums = select(*columns, func.sum(table.amount)).group_by(*columns)
            rows = db.execute(sums.execution_options(yield_per=2000))
            for part in rows.partitions():
                self.file.executemany(_ADD, map(_counted, part))
        wanted = "SELECT * FROM sums WHERE said <> counted ORDER BY unit, process, measure, day"
        for unit, process, measure, day, said, counted in self.file.execute(wanted):
            where = f"{process}/{measure}{'/' + day if day else ''}"
            text = Text(
                f"计数 {where} 为 {counted}，按记录应为 {said}",
                f"the counter {where} says {counted}, the record {said}",
            )
            yield Finding(CHECK, "differs", text, row_id=unit)

    def _day(self, event: Any) -> str:
        return str(event.at.astimezone(self.zone).date().isoformat())

    def _write(self) -> None:
        self.file.executemany(_ADD, ((*key, amount, 0) for key, amount in self.said.items()))
        self.said.clear()


_ADD = (
    "INSERT INTO sums VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
    " SET said = said + excluded.said, counted = counted + excluded.counted"
)


def _first_unit(record: Record) -> int:
    """The unit that the case was opened at; units that ended have passed it on since."""
    for event in record.of_kind("case.opened"):
        unit = record.data(event).get("unit")
        if unit is not None:
            return int(unit)
    return int(record.case.unit_id)


def _counted(row: Any) -> tuple[Any, ...]:
    unit_id, process, measure, day, amount = row
    return unit_id, process, measure, "" if measure in STOCKS else day, 0, int(amount)
