"""Counters as the chains and the open rows say they are, calculated beside the database.

What is counted goes into a file of SQLite's own, which is gone with the ledger: a county's
counters of many years do not fit into memory.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import settings
from engine.models import Tally, TallyDelta
from engine.operations.doctor.findings import Discrepancy
from engine.operations.doctor.records import CaseRecord
from engine.storage import marks, promises
from engine.storage.stays import Stay
from engine.storage.tallies import BOUNCE, STOCKS
from feel.text import Text

CHECK = "tallies"
MOST_IN_MEMORY = 20_000
Key = tuple[int, str, str, str]


class CounterDifference(NamedTuple):
    """A counter that is not what the record says."""

    unit_id: int
    process: str
    measure: str
    day: str
    said: int
    counted: int


class CounterSums:
    """Sums by unit, process, measure and day."""

    def __init__(self) -> None:
        # An empty name: a file without one, which only this connection sees.
        self.file = sqlite3.connect("", isolation_level=None)
        self.file.execute(
            "CREATE TABLE sums (unit INTEGER, process TEXT, measure TEXT, day TEXT,"
            " said INTEGER, counted INTEGER, PRIMARY KEY (unit, process, measure, day))"
            " WITHOUT ROWID"
        )
        self.sums: Counter[Key] = Counter()
        self.zone = ZoneInfo(settings.current().timezone)

    def enter(self, record: CaseRecord) -> None:
        """Count what one case must have left in the counters."""
        process = record.case.process
        self._tasks(record)
        unit_id, ended = unit_of(record), _last_end(record)
        for event in record.of_kind("case.opened", "escalated"):
            day = self._day(event.at)
            if event.kind == "escalated":
                self.sums[int(record.data(event)["unit"]), process, "escalated", day] += 1
            else:
                self.sums[unit_id, process, "opened", day] += 1
                self.sums[unit_id, process, "open", ""] += 1
        for event in record.of_kind("case.merged", "case.unmerged"):
            day = self._day(record.case.opened_at)
            self.sums[unit_id, process, "merged", day] += 1 if event.kind == "case.merged" else -1
        for event in record.of_kind("escalation.withdrawn"):
            for one in record.data(event)["units"]:
                day = self._day(datetime.fromisoformat(one["at"]))
                self.sums[int(one["unit"]), process, "escalated", day] -= 1
        self._figures(record, unit_id)
        if ended is not None:
            self._count_closing(record, unit_id, ended.at)
        if len(self.sums) > MOST_IN_MEMORY:
            self._write()

    def _tasks(self, record: CaseRecord) -> None:
        process = record.case.process
        for task in record.tasks:
            if task.done_at is None:
                measure = "waiting" if task.assignee_id is None else "handling"
                self.sums[task.unit_id, process, measure, ""] += 1
            if task.came_at is not None:
                self._stay(process, task.unit_id, Stay.of_task(task))
        for row in record.stays:
            self._stay(process, row.unit_id, Stay.of_row(row))

    def _figures(self, record: CaseRecord, unit_id: int) -> None:
        process = record.case.process
        units = {task.id: task.unit_id for task in record.tasks}
        for event in record.of_kind("case.closed", "case.reopened"):
            measure = "ended" if event.kind == "case.closed" else "reopened"
            self.sums[unit_id, process, measure, self._day(event.at)] += 1
        for event in record.of_kind("task.returned", "message.sent"):
            told = record.data(event)
            where = units.get(event.task_id)
            if event.kind == "message.sent":
                where = told.get("unit") if told.get("message") == BOUNCE else None
            if where is not None:
                self.sums[int(where), process, "returned", self._day(event.at)] += 1
        for measure, at in marks.counts(marks.current(record.marks)):
            self.sums[unit_id, process, measure, self._day(at)] += 1

    def _stay(self, process: str, unit_id: int, stay: Stay) -> None:
        for measure, day, amount in stay.counts(self.zone):
            self.sums[unit_id, process, measure, day] += amount

    def _count_closing(self, record: CaseRecord, unit_id: int, at: Any) -> None:
        case, day = record.case, self._day(at)
        self.sums[unit_id, case.process, "open", ""] -= 1
        self.sums[unit_id, case.process, "closed", day] += 1
        for measure, on_day, amount in promises.closing_counts(case, at, self.zone):
            self.sums[unit_id, case.process, measure, on_day] += amount

    def compare(self, db: Session) -> Iterator[Discrepancy]:
        """Counters that differ, folded and unfolded together."""
        for one in self.differences(db):
            where = f"{one.process}/{one.measure}{'/' + one.day if one.day else ''}"
            text = Text(
                f"计数 {where} 为 {one.counted}，按记录应为 {one.said}",
                f"the counter {where} says {one.counted}, the record {one.said}",
            )
            yield Discrepancy(CHECK, "differs", text, row_id=one.unit_id)

    def differences(self, db: Session) -> Iterator[CounterDifference]:
        """Yield what the record says of a counter and what it says itself, where they differ."""
        self._write()
        for table in (Tally, TallyDelta):
            columns = (table.unit_id, table.process, table.measure, table.day)
            sums = select(*columns, func.sum(table.amount)).group_by(*columns)
            rows = db.execute(sums.execution_options(yield_per=2000))
            for part in rows.partitions():
                self.file.executemany(_ADD, map(_counted, part))
        wanted = "SELECT * FROM sums WHERE said <> counted ORDER BY unit, process, measure, day"
        yield from (CounterDifference(*row) for row in self.file.execute(wanted))

    def _day(self, at: Any) -> str:
        return str(at.astimezone(self.zone).date().isoformat())

    def _write(self) -> None:
        self.file.executemany(_ADD, ((*key, amount, 0) for key, amount in self.sums.items()))
        self.sums.clear()


_ADD = (
    "INSERT INTO sums VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
    " SET said = said + excluded.said, counted = counted + excluded.counted"
)


def unit_of(record: CaseRecord, first: int | None = None) -> int:
    """Return the unit that registered the case, or the heir to which it was handed over since.

    ``first`` is where it began, where that is known better than by its first link.
    """
    unit_id = int(record.case.unit_id) if first is None else first
    for event in record.of_kind("case.opened", "case.handed_over"):
        data = record.data(event)
        if event.kind == "case.opened" and first is None:
            unit_id = int(data.get("unit", unit_id))
        elif event.kind != "case.opened" and data["from_unit"] == unit_id:
            unit_id = int(data["to_unit"])
    return unit_id


def _last_end(record: CaseRecord) -> Any:
    """Return the end that holds: the last one, unless the case was opened again after it."""
    ends = list(record.of_kind("case.closed", "case.reopened"))
    return ends[-1] if ends and ends[-1].kind == "case.closed" else None


def _counted(row: Any) -> tuple[Any, ...]:
    unit_id, process, measure, day, amount = row
    return unit_id, process, measure, "" if measure in STOCKS else day, 0, int(amount)
