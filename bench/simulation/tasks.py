"""A task according to its chain, and the limits that it has as things stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.simulation import oracle
from bench.simulation.facts import Facts, by_factor, shortened
from bench.simulation.table import LadderTable
from bench.simulation.used_time import UsedClock, UsedSpan, used_before
from engine.bpmn.nodes import Node
from engine.definitions.versions import PublishedVersion
from engine.models import VaultRow
from engine.records import vault
from engine.records.bindings import of_answers
from engine.worktime import Calendar, Limit

DEFAULT_UNIT = "working_days"


@dataclass
class ReplayedTask:
    """A task according to the chain."""

    id: int
    node: str
    level: str
    unit: int
    opened_at: datetime
    table: LadderTable
    limit: Limit | None = None
    extension: Limit | None = None
    sign_due: datetime | None = None
    started_at: datetime | None = None
    due: datetime | None = None
    floor: datetime | None = None
    signed: bool = False
    # In whose hands it ever was: its queue shows the handling clock from then on.
    handled: bool = False
    pauses: list[oracle.Span] = field(default_factory=list)
    paused_at: datetime | None = None
    pause_ends: datetime | None = None
    request: Limit | None = None
    done_at: datetime | None = None
    done_seq: int = 0
    how: str = ""
    # When it came to its unit, whether anything in the case had gone back by then, what the unit
    # had used before, and since when somebody has it in hand.
    came: datetime | None = None
    again: bool = False
    sign_before: UsedClock | None = None
    handle_before: UsedClock | None = None
    signed_at: datetime | None = None
    passed_on: list[UsedSpan] = field(default_factory=list)
    # From when its limit counts by the diagram, whoever has it.
    counts_from: datetime | None = None
    # Whether the law lets nothing move such a limit; else the pauses of the step's other rounds.
    firm: bool = True
    earlier_pauses: list[oracle.Span] = field(default_factory=list)
    # When an extension was granted or refused.
    decided_at: datetime | None = None
    # Since when nobody sits in the queue that it waits in.
    queue_empty_since: datetime | None = None

    def bring(
        self, others: Iterable[ReplayedTask], away: Sequence[oracle.Span], sent_back: bool
    ) -> None:
        """Learn what the unit has used of the step before, since the case was last reopened."""
        tasks = list(others)
        spans = [one.used_span(one.done_at, one.how) for one in tasks if one.done_at]
        spans += [span for one in tasks for span in one.passed_on]
        known = [span for span in spans if all(span.left_at > until for _begins, until in away)]
        found = used_before(known, self.node, self.unit, sent_back)
        self.again, self.sign_before = True, found.sign if found else None
        if self.started_at is not None:
            return
        self.handle_before = found.handle if found else None
        if self.handle_before is not None and self.came is None:
            self._extended_before(tasks, away)

    def _extended_before(self, tasks: list[ReplayedTask], away: Sequence[oracle.Span]) -> None:
        """A clock that goes on keeps what it was extended by, and what was decided then."""
        before = [
            one
            for one in tasks
            if (one.node, one.unit) == (self.node, self.unit) and one.decided_at is not None
            if one.done_at is not None and all(one.done_at > until for _begins, until in away)
        ]
        if before:
            last = max(before, key=lambda one: one.decided_at or one.opened_at)
            self.extension, self.decided_at = last.extension, last.decided_at

    def begins(self, handling: bool) -> datetime | None:
        """Return from when a ladder counts; that of signing from when nobody sat there any more."""
        ends = self.due if handling else self.sign_due
        if handling or self.queue_empty_since is None:
            return ends
        return (
            self.queue_empty_since
            if ends is None or self.handled
            else min(ends, self.queue_empty_since)
        )

    def used_span(self, until: datetime, how: str) -> UsedSpan:
        """Return its time in its unit as it stands."""
        came, sign, handle = self.came or self.opened_at, self.sign_before, self.handle_before
        if self.sign_due is not None:
            started = self.started_at
            in_time = started is not None and came <= started < self.sign_due
            signed = (started if in_time else self.signed_at) or until
            sign = sign.and_then(came, signed, ()) if sign else UsedClock(came, max(came, signed))
        if self.started_at is not None and self.limit is not None:
            begun, stops = self.started_at, tuple(self.pauses)
            handle = (
                handle.and_then(begun, until, stops)
                if handle
                else UsedClock(begun, max(begun, until), stops)
            )
        return UsedSpan(self.node, self.unit, came, until, how, sign, handle)

    def signing_ends(self, sign: Limit, calendar: Calendar, promised: datetime | None) -> datetime:
        """Return when its unit must have signed; ``promised`` is when the citizen must have an
        answer.
        """
        came, before = self.came or self.opened_at, self.sign_before
        due = (
            oracle.deadline(came, sign, calendar)
            if before is None
            else before.end(sign, came, calendar)
        )
        return due if promised is None or not self.again else min(due, max(promised, came))

    def handled_by(self, calendar: Calendar) -> datetime:
        """Return the end of the handling limit, ignoring the floor."""
        assert self.started_at is not None and self.limit is not None
        limit, more = self.limit, self.extension
        if more is not None and more.unit == limit.unit:
            limit, more = Limit(limit.amount + more.amount, limit.unit), None
        if self.counts_from is not None:
            # One limit, however often its step comes: what stood still in earlier rounds did.
            stops = sorted([*self.earlier_pauses, *self.pauses])
            due = oracle.deadline(self.counts_from, limit, calendar, stops)
        elif self.handle_before is not None:
            due = self.handle_before.end(limit, self.started_at, calendar, self.pauses)
        else:
            due = oracle.deadline(self.started_at, limit, calendar, self.pauses)
        return due if more is None else oracle.after(due, more, calendar)

    def rest(self, at: datetime, seq: int) -> None:
        """It is done, or taken away: a pause that runs ends with it."""
        self.done_at, self.done_seq = at, seq
        if self.paused_at is not None:
            self.pauses.append((self.paused_at, at))
            self.paused_at = None


def limit_of(
    task: ReplayedTask,
    process: str,
    node: Node | None,
    columns: Mapping[str, Any],
    facts: Facts,
    at: datetime,
) -> Limit | None:
    """Return the emergency's limit, else the table's, else what triage said, else the step's
    own.
    """
    if task.counts_from is not None and task.firm:
        return _own(node, columns)
    usual = _usual(task, process, node, columns)
    profile = facts.emergency(task.unit, at)
    return usual if profile is None else shortened(profile, process, task.node, usual)


def sign_limit_of(
    task: ReplayedTask,
    process: str,
    node: Node | None,
    columns: Mapping[str, Any],
    facts: Facts,
    at: datetime,
) -> Limit | None:
    """Return the table's limit for signing, else the step's own, by the factor of the emergency."""
    if node is None or node.sign_limit is None:
        return None
    said = None
    if task.table.limits is not None and "clock" in task.table.limits.inputs:
        said = _table_limit(task, process, columns, "sign")
    usual = said or Limit(node.sign_limit, node.sign_limit_unit or DEFAULT_UNIT)
    profile = facts.emergency(task.unit, at)
    return usual if profile is None else by_factor(profile, usual)


def _usual(
    task: ReplayedTask, process: str, node: Node | None, columns: Mapping[str, Any]
) -> Limit | None:
    said = _table_limit(task, process, columns, "handle")
    return _own(node, columns) if said is None else said


def _own(node: Node | None, columns: Mapping[str, Any]) -> Limit | None:
    if node is None or node.limit is None:
        return None
    if node.limit != "case":
        return Limit(int(node.limit), node.limit_unit or DEFAULT_UNIT)
    unit = columns.get("limit_unit") or node.limit_unit or DEFAULT_UNIT
    amount = columns.get("limit_amount")
    return None if amount is None else Limit(amount, unit)


def _table_limit(
    task: ReplayedTask, process: str, columns: Mapping[str, Any], clock: str
) -> Limit | None:
    decided = {key: columns.get(key) for key in ("category", "risk", "priority")}
    said = task.table.limit(
        process=process, step=task.node, level=task.level, clock=clock, **decided
    )
    return said[0] if said else None


def said_by_answers(
    db: Session, published: PublishedVersion, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a step's answers say of the case's columns, out of the vault."""
    node = published.node(data.get("node", ""))
    form = published.form(node.form) if node else None
    row = db.scalar(select(VaultRow).where(VaultRow.digest == data["receipt"]).limit(1))
    if form is None or row is None or row.payload is None:
        return {}
    answers = vault.unseal(row.payload, of_answers(row))
    named = {column: answers.get(name) for column, name in form.sets.items()}
    return {column: value for column, value in named.items() if value not in (None, "")}
