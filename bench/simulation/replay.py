"""A case told again from its chain alone: which rungs its clocks must have climbed, and when.

Nothing of the due table, of a task's deadlines or of the code of the clocks is used: the events
say who did what when, the version says the limits, the table says the rungs, and
``calculation`` walks along the calendar. Moments that lie in the past at an event have rung; what
lies ahead is cancelled or recalculated.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.simulation import tasks
from bench.simulation.climbing import CITIZEN, HANDLE, SIGN, ComingRounds, LadderReplay
from bench.simulation.facts import Facts
from bench.simulation.rung import ReplayedRung
from bench.simulation.tasks import ReplayedTask, limit_of
from bench.simulation.used_time import CLOSING, FOLLOWING, SENT_BACK, CitizenClock
from engine.definitions import versions
from engine.definitions.versions import PublishedVersion
from engine.models import Case, Event, Task
from engine.terms.priorities import NORMAL
from engine.worktime import Limit

# A case's columns that decide limits and rungs.
COLUMNS = ("category", "priority", "risk", "limit_amount", "limit_unit", "promise")
INSTANT = timedelta(microseconds=1)


class CaseReplay(LadderReplay):
    """One case on its way through its events."""

    def __init__(self, db: Session, facts: Facts, case: Case) -> None:
        self.db, self.facts, self.case = db, facts, case
        self.version: PublishedVersion = versions.load(db, case.version_id)
        self.levels = dict(
            db.execute(select(Task.id, Task.level).where(Task.case_id == case.id)).tuples().all()
        )
        self.columns: dict[str, Any] = {"priority": NORMAL, "level": None}
        self.answers: dict[int, dict[str, Any]] = {}
        self.tasks: dict[int, ReplayedTask] = {}
        self.ahead: list[ReplayedRung] = []
        self.rung: list[ReplayedRung] = []
        # By task and clock: what fires after the last row of the ladder.
        self.rounds: dict[tuple[int, str], ComingRounds] = {}
        # Rows of the table that count real hours: they may fire at night.
        self.by_hours: set[int] = set()
        # Whether anything went back, whether the step told now was sent back to or starts again,
        # and the tasks that it has opened.
        self.went_back = self.sent_back = self.begins_anew = False
        self.fresh: list[ReplayedTask] = []
        info = self.version.definition.process
        self.usual = Limit(info.limit, info.limit_unit or "working_days") if info.limit else None
        self.promise = CitizenClock(self.usual, facts.almanac.office, case.opened_at)
        self.citizen_table = facts.table(case.opened_at)
        self.changed_from: dict[str, Any] | None = None
        self.changed_at = self.until = case.opened_at

    def tell(self, events: Iterable[Event], until: datetime) -> list[ReplayedRung]:
        """Return every rung that must have rung by ``until``."""
        self.until = until
        for event in events:
            self._hear(event)
        self._settle()
        self._ring(until)
        return self.rung

    # Events

    def _hear(self, event: Event) -> None:
        if event.kind not in ("case.changed", "task.cancelled", "task.moved", "case.closed"):
            self._settle()
        self._ring(event.at)
        if event.kind not in FOLLOWING and not event.kind.startswith("effect."):
            # What somebody, or the clock, does: what follows it opens by it.
            self.sent_back, self.fresh = event.kind in SENT_BACK, []
            self.begins_anew = event.kind == "case.reopened"
        act = getattr(self, f"_on_{event.kind.replace('.', '_')}", None)
        if act is not None:
            act(event, json.loads(event.data))
        elif event.kind in CLOSING:
            self._close(event)

    def _on_case_opened(self, event: Event, data: Mapping[str, Any]) -> None:
        """A case begins at the level of the post through which it was opened."""
        self.columns["level"] = self.levels[min(self.levels)]

    def _on_task_completed(self, event: Event, data: Mapping[str, Any]) -> None:
        self._columns_change(event.at)
        self.answers[event.task_id or 0] = dict(self.columns)
        said = tasks.said_by_answers(self.db, self.version, data)
        self.columns |= {column: said[column] for column in COLUMNS if column in said}
        if event.task_id not in self.tasks:
            self.promise.begin(event.at)
            self._arm_citizen(None)
        self._close(event)

    def _on_case_changed(self, event: Event, data: Mapping[str, Any]) -> None:
        self._columns_change(event.at)
        self.columns |= {key: data[key] for key in (*COLUMNS, "level") if key in data}

    def _on_case_reclassified(self, event: Event, data: Mapping[str, Any]) -> None:
        self._columns_change(event.at)
        self.columns |= {key: data[key] for key in COLUMNS if key in data}

    def _on_task_opened(self, event: Event, data: Mapping[str, Any]) -> None:
        assert event.task_id is not None
        task = ReplayedTask(
            event.task_id,
            data["node"],
            self.levels[event.task_id],
            data["unit"],
            event.at,
            self.facts.table(event.at),
        )
        if self.went_back and not self.begins_anew:
            task.bring(self.tasks.values(), self.promise.away, self.sent_back)
        begun = data.get("counts_from")
        task.counts_from = datetime.fromisoformat(begun) if begun else None
        task.firm = data.get("firm", True)
        if task.counts_from is not None and not task.firm:
            rounds = [one for one in self.tasks.values() if one.node == task.node]
            stops = [stop for one in rounds for stop in one.pauses]
            task.earlier_pauses = [one for one in stops if one[1] > task.counts_from]
        self.tasks[task.id] = task
        self.fresh.append(task)
        task.limit = self._limit(task, event.at)
        sign = self._sign_limit(task, event.at)
        if sign is None:
            self._start(task, event.at)
        else:
            self._begin_signing(task, sign)
            self._start(task, event.at) if task.counts_from is not None else None

    def _begin_signing(self, task: ReplayedTask, sign: Limit) -> None:
        """A unit has just got a task: what it has used of it before is used."""
        task.sign_due = self._signing_ends(task, sign)
        since = task.came or task.opened_at
        self._arm(task, SIGN, since if task.sign_before is not None else None)

    def _signing_ends(self, task: ReplayedTask, sign: Limit) -> datetime:
        return task.signing_ends(sign, self.facts.calendar(task.unit), self.promise.running())

    def _on_task_signed(self, event: Event, data: Mapping[str, Any]) -> None:
        self._sign(self.tasks[event.task_id or 0], event.at)

    def _on_task_released(self, event: Event, data: Mapping[str, Any]) -> None:
        self._give(self.tasks[event.task_id or 0], None, event.at)

    def _on_task_assigned(self, event: Event, data: Mapping[str, Any]) -> None:
        self._give(self.tasks[event.task_id or 0], data["to_person"], event.at)

    def _on_task_transferred(self, event: Event, data: Mapping[str, Any]) -> None:
        task = self.tasks[event.task_id or 0]
        elsewhere = data["to_unit"] != task.unit
        if elsewhere:
            task.passed_on.append(task.used_span(event.at, "passed"))
            task.unit, task.came, task.signed_at = data["to_unit"], event.at, None
            self.went_back = True
            task.bring(self.tasks.values(), self.promise.away, self.sent_back)
            is_late = task.paused_at is None and task.due is not None and task.due <= event.at
            if is_late and self.facts.differ(event.at):
                self._follow(task, SIGN)
                self._follow(task, HANDLE)
            elif self.facts.differ(event.at):
                self._recalculate(task, event.at)
        self._give(task, data["to_person"], event.at)
        sign = self._sign_limit(task, event.at)
        if elsewhere and task.queue_empty_since is not None:
            task.queue_empty_since = None
            self._strike(task.id, SIGN)
        if elsewhere and data["to_person"] is None and sign is not None:
            self._strike(task.id, SIGN)
            self._begin_signing(task, sign)
            assert task.sign_due is not None
            task.handled = task.due is not None and task.due <= task.sign_due

    def _on_case_handed_over(self, event: Event, data: Mapping[str, Any]) -> None:
        for task_id in data["tasks"]:
            self.tasks[task_id].unit, self.tasks[task_id].signed = data["to_unit"], False

    def _on_task_deserted(self, event: Event, data: Mapping[str, Any]) -> None:
        """Nobody sits there: the ladder of signing begins now, unless it is under way."""
        task = self.tasks[event.task_id or 0]
        task.queue_empty_since = event.at
        if task.handled or task.sign_due is None or task.sign_due >= event.at:
            self._strike(task.id, SIGN)
            self._arm(task, SIGN, None)

    def _on_task_manned(self, event: Event, data: Mapping[str, Any]) -> None:
        task = self.tasks[event.task_id or 0]
        task.queue_empty_since = None
        self._strike(task.id, SIGN)
        if not task.handled and task.sign_due is not None:
            self._arm(task, SIGN, event.at)

    def _on_escalated(self, event: Event, data: Mapping[str, Any]) -> None:
        if data["act"] == "reassign" and "moot" not in data and event.task_id is not None:
            self._give(self.tasks[event.task_id], None, event.at)
        if "again" in data and data.get("moot") in (None, "unsigned"):
            self._go_on(event.task_id or 0, data["clock"], event.at)

    def _on_task_suspended(self, event: Event, data: Mapping[str, Any]) -> None:
        task = self.tasks[event.task_id or 0]
        self._strike(task.id, HANDLE)
        task.paused_at = event.at
        task.pause_ends = datetime.fromisoformat(data["until"])

    def _on_task_resumed(self, event: Event, data: Mapping[str, Any]) -> None:
        task = self.tasks[event.task_id or 0]
        assert task.paused_at is not None and task.pause_ends is not None
        since, at = task.paused_at, task.pause_ends if data.get("by_limit") else event.at
        task.pauses.append((since, at))
        task.paused_at = task.floor = None
        if self._handled_by(task) <= at:
            task.floor = at
        self._rearm(task, since)

    def _on_extension_asked(self, event: Event, data: Mapping[str, Any]) -> None:
        task = self.tasks[event.task_id or 0]
        assert task.limit is not None
        task.request = Limit(data["amount"], task.limit.unit)

    def _on_extension_decided(self, event: Event, data: Mapping[str, Any]) -> None:
        task = self.tasks[event.task_id or 0]
        task.decided_at = event.at
        if data["granted"]:
            task.extension, task.limit = task.request, self._limit(task, event.at)
            if task.paused_at is None:
                self._rearm(task, event.at)

    def _on_clock_recounted(self, event: Event, data: Mapping[str, Any]) -> None:
        """After triage and transfers it follows from what was told already."""
        if event.task_id is not None and data["reason"] not in ("triage", "transfer"):
            self._recalculate(self.tasks[event.task_id], event.at)

    def _on_case_closed(self, event: Event, data: Mapping[str, Any]) -> None:
        self.promise.answered_at = self.promise.answered_at or event.at
        self.changed_from = None
        self.ahead.clear()

    def _on_case_answered(self, event: Event, data: Mapping[str, Any]) -> None:
        self._strike(0)
        self.promise.answered_at = event.at

    def _on_case_unanswered(self, event: Event, data: Mapping[str, Any]) -> None:
        """The clock goes on without the time that the answer held, or as the correction needs."""
        self.promise.withdraw(event.at, data["least"])
        self._arm_citizen(event.at)
        for task in self.fresh:
            self._begin_anew(task, event.at)

    def _begin_anew(self, task: ReplayedTask, at: datetime) -> None:
        """What opens because an answer does not hold is new work for whoever had it."""
        sign = self._sign_limit(task, at)
        task.again, task.sign_before, task.handle_before = False, None, None
        self._strike(task.id)
        self._begin_signing(task, sign) if sign is not None else self._start(task, at)

    def _on_task_recalled(self, event: Event, data: Mapping[str, Any]) -> None:
        recalled = self.tasks[event.task_id or 0]
        again = [one for one in self.tasks.values() if one.done_seq >= recalled.done_seq > 0]
        for task in again:
            since, task.done_at, task.done_seq = task.done_at, None, 0
            assert since is not None
            if task is recalled and not task.signed:
                task.signed = task.handled = True
                if task.started_at is None:
                    self._start(task, since)
                    continue
            self._rearm(task, since)
        before, self.columns = self.columns, dict(self.answers[recalled.id])
        self.changed_from = None
        if self._promise_changes(before, event.at):
            self._strike(0)
            self._arm_citizen(event.at)

    def _on_task_put_back(self, event: Event, data: Mapping[str, Any]) -> None:
        """A case came out of the one that it was merged into."""
        task = self.tasks[event.task_id or 0]
        since, task.done_at, task.done_seq = task.done_at, None, 0
        assert since is not None
        self._rearm(task, since)

    # What they mean for the clocks

    def _close(self, event: Event) -> None:
        task = self.tasks.get(event.task_id or 0)
        if task is None:
            return
        task.rest(event.at, event.seq)
        task.how = "completed" if event.kind == "task.completed" else "cancelled"
        if event.kind in SENT_BACK:
            task.how = "moved"
        self.went_back = self.went_back or task.how != "completed"
        self._strike(task.id)

    def _give(self, task: ReplayedTask, person: int | None, at: datetime) -> None:
        if person is not None and not task.signed:
            self._sign(task, at)
        task.signed = person is not None
        task.signed_at = at if task.signed else None

    def _sign(self, task: ReplayedTask, at: datetime) -> None:
        task.signed = task.handled = True
        task.signed_at, task.queue_empty_since = at, None
        self._strike(task.id, SIGN)
        if task.started_at is None:
            self._start(task, at)

    def _start(self, task: ReplayedTask, at: datetime) -> None:
        task.started_at = task.counts_from or at
        if task.limit is not None:
            task.due = self._handled_by(task)
            self._arm(task, HANDLE, at if task.counts_from or task.handle_before else None)

    def _handled_by(self, task: ReplayedTask) -> datetime:
        return task.handled_by(self.facts.calendar(task.unit))

    def _limit(self, task: ReplayedTask, at: datetime) -> Limit | None:
        node = self.version.node(task.node)
        return limit_of(task, self.case.process, node, self.columns, self.facts, at)

    def _sign_limit(self, task: ReplayedTask, at: datetime) -> Limit | None:
        node = self.version.node(task.node)
        return tasks.sign_limit_of(task, self.case.process, node, self.columns, self.facts, at)

    def _settle(self) -> None:
        """Apply a step's changes of the case to the open clocks, after all its events."""
        before, self.changed_from = self.changed_from, None
        if before is None or all(before.get(one) == self.columns.get(one) for one in COLUMNS):
            return
        for task in self.tasks.values():
            if task.done_at is None:
                self._recalculate(task, self.changed_at)
        was = {**self.columns, **{key: before.get(key) for key in ("category", "priority")}}
        ladders = (self._ladder(None, CITIZEN, was), self._ladder(None, CITIZEN, self.columns))
        moved = self._promise_changes(before, self.changed_at)
        if (moved or ladders[0] != ladders[1]) and self.promise.answered_at is None:
            self._strike(0)
            now = self.promise.due == self.changed_at
            self._arm_citizen(self.changed_at - INSTANT if now else self.changed_at)

    def _promise_changes(self, before: Mapping[str, Any], at: datetime) -> bool:
        """Promise the citizen what the table says now; return whether the end has moved."""
        said = self.columns.get("promise")
        if said == before.get("promise"):
            return False
        return self.promise.change(Limit(*said) if said else self.usual, at)

    def _recalculate(self, task: ReplayedTask, now: datetime) -> None:
        """A limit that has got shorter than what has passed ends now, or when it did before."""
        task.limit, since = self._limit(task, now), now
        if task.started_at is None and task.sign_due is not None and task.sign_due > now:
            sign = self._sign_limit(task, now)
            assert sign is not None
            due = self._signing_ends(task, sign)
            task.sign_due, since = max(due, now), since if due > now else now - INSTANT
        if task.paused_at is not None:
            return
        if task.started_at is not None and task.limit is None:
            task.due = task.floor = None
        elif task.started_at is not None:
            before, task.floor = task.due, None
            if self._handled_by(task) <= now:
                late = before is not None and before <= now
                task.floor, since = before if late else now, since if late else now - INSTANT
        self._rearm(task, since)

    def _rearm(self, task: ReplayedTask, since: datetime) -> None:
        self._strike(task.id, HANDLE)
        if not task.handled and task.sign_due is not None:
            self._strike(task.id, SIGN)
            self._arm(task, SIGN, since)
        if task.started_at is not None and task.limit is not None:
            due = self._handled_by(task)
            task.due = due if task.floor is None else max(due, task.floor)
            self._arm(task, HANDLE, since)

    def _columns_change(self, at: datetime) -> None:
        if self.changed_from is None:
            self.changed_from, self.changed_at = dict(self.columns), at
