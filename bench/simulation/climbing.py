"""The ladders of a case told again: which rungs lie ahead, and which have rung."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from bench.simulation import oracle
from bench.simulation.facts import Facts
from bench.simulation.rounds import ring_time, rounds
from bench.simulation.rung import ReplayedRung
from bench.simulation.table import LadderTable
from bench.simulation.tasks import ReplayedTask
from bench.simulation.used_time import CitizenClock
from engine.models import Case

SIGN, HANDLE, CITIZEN = "sign", "handle", "citizen"


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
    # By task and clock: what rings after the last row of the ladder.
    rounds: dict[tuple[int, str], Iterator[ReplayedRung]]
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
        self.ahead.append(next(one for one in self.rounds[task, clock] if one.at > rang))

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
        table = self.citizen_table if task is None else task.table
        inputs = partial(self._inputs_now, task, clock)
        coming = rounds(table, inputs, number, last, calendar)
        self.rounds[number, clock] = coming
        self.ahead.append(next(one for one in coming if since is None or one.at > since))

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
