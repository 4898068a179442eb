"""The ladders of a case told again: which rungs lie ahead, and which have rung."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from bench.simulation import oracle
from bench.simulation.facts import Facts
from bench.simulation.rounds import ring_time, rounds
from bench.simulation.rung import ReplayedRung
from bench.simulation.table import LadderTable, TableRung
from bench.simulation.tasks import ReplayedTask
from bench.simulation.used_time import CitizenClock
from engine.models import Case
from engine.worktime import Calendar

SIGN, HANDLE, CITIZEN = "sign", "handle", "citizen"


@dataclass
class ComingRounds:
    """The rounds after a ladder's last row: those to come, and the last that was armed."""

    rest: Iterator[tuple[TableRung, datetime]]
    calendar: Calendar
    # When the last that was armed, or the last row of the ladder, fell due.
    moment: datetime
    count: int = 0


class LadderReplay(ABC):
    """What hangs on the clocks of a case: armed, cancelled, fired."""

    facts: Facts
    case: Case
    promise: CitizenClock
    citizen_table: LadderTable
    columns: dict[str, Any]
    tasks: dict[int, ReplayedTask]
    ahead: list[ReplayedRung]
    rung: list[ReplayedRung]
    # By task and clock: what rings after the last row of the ladder, and by which calendar.
    rounds: dict[tuple[int, str], ComingRounds]
    # Rows of the table that count real hours: they may ring at night.
    by_hours: set[int]

    @abstractmethod
    def _start(self, task: ReplayedTask, at: datetime) -> None:
        """Start the clock for handling."""

    def _ring(self, now: datetime) -> None:
        """Fire the rungs due by ``now``; start the handling clock where nobody signed in time."""
        for task in list(self.tasks.values()):
            waits = task.done_at is None and task.started_at is None and not task.signed
            if waits and task.sign_due is not None and task.sign_due <= now:
                self._start(task, max(task.sign_due, task.came or task.opened_at))
        self.rung += [one for one in self.ahead if one.at <= now]
        self.ahead = [one for one in self.ahead if one.at > now]

    def _go_on(self, task: int, clock: str, rang: datetime) -> None:
        """A round has rung: the next is the first after that, however late the worker came."""
        self._arm_round(task, clock, rang)

    def _arm_round(self, task: int, clock: str, since: datetime | None) -> None:
        coming = self.rounds[task, clock]
        for rung, moment in coming.rest:
            coming.count, coming.moment = rung.again, moment
            at = ring_time(rung, moment, coming.calendar)
            if since is None or at > since:
                self.ahead.append(rung.as_replayed(task, clock, at))
                return

    def _arm(self, task: ReplayedTask | None, clock: str, since: datetime | None) -> None:
        due = self.promise.due if task is None else task.begins(clock == HANDLE)
        assert due is not None
        calendar = self.facts.almanac.office if task is None else self.facts.calendar(task.unit)
        number, last = 0 if task is None else task.id, due
        for rung in self._ladder(task, clock, self.columns):
            moment = due if not rung.after.amount else oracle.after(due, rung.after, calendar)
            last, at = max(last, moment), ring_time(rung, moment, calendar)
            if rung.after.unit == "hours":
                self.by_hours.add(rung.rule)
            if since is None or at > since:
                self.ahead.append(rung.as_replayed(number, clock, at))
        coming = ComingRounds(self._rounds(task, clock, last, calendar), calendar, last)
        self.rounds[number, clock] = coming
        self._arm_round(number, clock, since)

    def _rounds(
        self,
        task: ReplayedTask | None,
        clock: str,
        last: datetime,
        calendar: Calendar,
        passed: int = 0,
    ) -> Iterator[tuple[TableRung, datetime]]:
        table = self.citizen_table if task is None else task.table
        return rounds(table, partial(self._inputs_now, task, clock), last, calendar, passed)

    def _follow(self, task: ReplayedTask, clock: str) -> None:
        """What is still to ring of a clock that has ended rings by the calendar of who has it,
        where that is later; what has rung has.
        """
        due, calendar = task.begins(clock == HANDLE), self.facts.calendar(task.unit)
        if due is None or (task.id, clock) not in self.rounds:
            return
        waits = {one.mark: one.at for one in self.ahead if one.task == task.id}
        self._strike(task.id, f"{clock}:")
        last = due
        for rung in self._ladder(task, clock, self.columns):
            moment = due if not rung.after.amount else oracle.after(due, rung.after, calendar)
            last = max(last, moment)
            self._wait(task, clock, rung, moment, waits, calendar)
        coming = self.rounds[task.id, clock]
        if f"{clock}:again{coming.count}" in waits:
            chain = self._rounds(task, clock, last, calendar)
            rung, moment = next(one for one in chain if one[0].again == coming.count)
            self._wait(task, clock, rung, moment, waits, calendar)
            coming.moment = max(coming.moment, moment)
        coming.calendar = calendar
        coming.rest = self._rounds(task, clock, coming.moment, calendar, coming.count)

    def _wait(
        self,
        task: ReplayedTask,
        clock: str,
        rung: TableRung,
        moment: datetime,
        waits: Mapping[str, datetime],
        calendar: Calendar,
    ) -> None:
        was = waits.get(f"{clock}:{rung.mark}")
        if was is not None:
            at = ring_time(rung, max(moment, was), calendar)
            self.ahead.append(rung.as_replayed(task.id, clock, at))

    def _strike(self, task_id: int, clock: str = "") -> None:
        self.ahead = [
            one for one in self.ahead if one.task != task_id or not one.mark.startswith(clock)
        ]

    def _ladder(
        self, task: ReplayedTask | None, clock: str, columns: Mapping[str, Any]
    ) -> tuple[Any, ...]:
        table = self.citizen_table if task is None else task.table
        return tuple(table.rungs(**self._inputs(task, clock, columns)))

    def _inputs_now(self, task: ReplayedTask | None, clock: str) -> dict[str, str | None]:
        return self._inputs(task, clock, self.columns)

    def _inputs(
        self, task: ReplayedTask | None, clock: str, columns: Mapping[str, Any]
    ) -> dict[str, str | None]:
        return {
            "process": self.case.process,
            "step": task.node if task else None,
            "level": task.level if task else columns["level"],
            "category": columns.get("category"),
            "priority": columns["priority"],
            "clock": clock,
        }

    def _arm_citizen(self, since: datetime | None) -> None:
        if self.promise.due is not None:
            self._arm(None, CITIZEN, since)
