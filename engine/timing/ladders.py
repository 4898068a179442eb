"""The ladder of a clock: its rungs in the due table, and the rounds that follow the last of them.

No ladder ends while what it is about stands still: after the last row that fits, the rhythm of
the table goes on, and each round that fires arms the one after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from engine import settings
from engine.definitions.escalation_table import Rung, RungTable
from engine.models import Case, Due, Task
from engine.terms.levels import handling_above
from engine.timing import due_rows
from engine.worktime import Calendar, after

if TYPE_CHECKING:
    from engine.timing.clocks import DeadlineContext

# After so many rounds that lie in the past nobody waits for the one that does not.
MOST_ROUNDS = 2000


@dataclass(frozen=True)
class Ladder:
    """One ladder: what a table says of a clock that ran out at ``due_at``."""

    table: RungTable
    inputs: dict[str, str | None]
    due_at: datetime
    calendar: Calendar

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """The rows that fit."""
        return self.table.rungs(**self.inputs)

    def rounds(
        self, count: int = 0, moment: datetime | None = None
    ) -> Iterator[tuple[Rung, datetime]]:
        """Yield the rounds after the ``count``-th, which fell due at ``moment``, each with when it
        does.

        Without them the rounds after the last row.
        """
        if moment is None:
            ends = (_falls_due(self.due_at, rung, self.calendar) for rung in self.rungs)
            moment = max(ends, default=self.due_at)
        while True:
            count += 1
            rung = self.table.again(count, self.top, **self.inputs)
            moment = after(moment, rung.after, self.calendar)
            yield rung, moment

    def rings(self) -> Iterator[tuple[Rung, datetime]]:
        """Yield the rows that fit and the first round after them, each with when it fires."""
        for rung in self.rungs:
            yield rung, rings_at(self.due_at, rung, self.calendar)
        rung, moment = next(self.rounds())
        yield rung, in_hours(moment, rung, self.calendar)

    def stands_for(self, row: Due) -> Iterator[tuple[Rung, datetime]]:
        """Yield the row of the table or the round that a due row stands for, with when it falls
        due; nothing where the ladder has it no more.
        """
        again = int(row.data.get("again", 0))
        if again:
            yield next((rung, moment) for rung, moment in self.rounds() if rung.again == again)
        for rung in self.rungs if not again else ():
            if row.mark.endswith(f":{rung.mark}"):
                yield rung, _falls_due(self.due_at, rung, self.calendar)

    @property
    def top(self) -> int:
        """How many handling levels there are above."""
        return handling_above(self.inputs["level"], settings.current().levels)


def ladder(case: Case, task: Task | None, clock: str, works: DeadlineContext) -> tuple[Rung, ...]:
    """Return the rungs of a clock, by the table as of when it started and the case as it stands."""
    table = works.table(task if task is not None else case)
    return table.rungs(**inputs(case, task, clock))


def inputs(case: Case, task: Task | None, clock: str) -> dict[str, str | None]:
    """Return what the escalation table is asked with."""
    return {
        "process": case.process,
        "step": task.node_id if task else None,
        "level": task.level if task else case.level,
        "category": case.category,
        "priority": case.priority,
        "clock": clock,
    }


def rings_at(due_at: datetime, rung: Rung, calendar: Calendar) -> datetime:
    """Return when a rung fires: in office hours, unless its row counts real hours on purpose.

    What falls due as the office closes waits until it opens, where the table says so.
    """
    return in_hours(_falls_due(due_at, rung, calendar), rung, calendar)


def of(
    case: Case, task: Task | None, clock: str, due_at: datetime, works: DeadlineContext
) -> Ladder:
    """Return the ladder of a clock that runs out at ``due_at``."""
    calendar = works.of(task) if task is not None else works.calendar
    table = works.table(task if task is not None else case)
    return Ladder(table, inputs(case, task, clock), due_at, calendar)


def arm(
    db: Session,
    case: Case,
    task: Task | None,
    clock: str,
    found: Ladder,
    *,
    since: datetime | None = None,
) -> None:
    """Write the rungs of a ladder, those after ``since``, and the first round that is."""
    for rung in found.rungs:
        fire_at = rings_at(found.due_at, rung, found.calendar)
        if since is None or fire_at > since:
            due_rows.rung(db, case, task, clock, rung, fire_at, found.due_at)
    _arm_round(db, case, task, clock, found, found.rounds(), since)


def follow(
    db: Session,
    case: Case,
    task: Task | None,
    clock: str,
    works: DeadlineContext,
    *,
    now: datetime,
) -> None:
    """Move the rungs to come of a clock that ends when it did to where the calendar has them,
    where that is later.

    Each row is heard once: what has come has come, though this calendar would have it later, and
    what this one would have had already comes when it was to. Nothing is rung all at once.
    """
    for row in due_rows.rungs_ahead(db, case, task, clock, now=now):
        found = of(case, task, clock, datetime.fromisoformat(row.data["since"]), works)
        for rung, falls_due in found.stands_for(row):
            row.fire_at = in_hours(max(row.fire_at, falls_due), rung, found.calendar)
            if rung.again:
                moment = max(datetime.fromisoformat(row.data["moment"]), falls_due)
                row.data = {**row.data, "moment": moment.isoformat()}


def arm_next(
    db: Session, case: Case, task: Task | None, due: Due, found: Ladder, *, now: datetime
) -> None:
    """Write the round that follows one that fires ``now``; those that have passed are left out."""
    moment = datetime.fromisoformat(due.data["moment"])
    rounds = found.rounds(int(due.data["again"]), moment)
    _arm_round(db, case, task, str(due.data["clock"]), found, rounds, now)


def _arm_round(
    db: Session,
    case: Case,
    task: Task | None,
    clock: str,
    found: Ladder,
    rounds: Iterator[tuple[Rung, datetime]],
    since: datetime | None,
) -> None:
    for passed, (rung, moment) in enumerate(rounds):
        fire_at = in_hours(moment, rung, found.calendar)
        if since is None or fire_at > since or passed == MOST_ROUNDS:
            due_rows.rung(db, case, task, clock, rung, fire_at, found.due_at, moment=moment)
            return


def _falls_due(due_at: datetime, rung: Rung, calendar: Calendar) -> datetime:
    return after(due_at, rung.after, calendar) if rung.after.amount else due_at


def in_hours(moment: datetime, rung: Rung, calendar: Calendar) -> datetime:
    """Return when a rung that falls due at a moment fires."""
    if rung.after.unit == "hours":
        return moment
    return calendar.open_from(moment) if rung.opening else calendar.awake_from(moment)
