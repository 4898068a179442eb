"""A task as its chain tells it, and the limits that it has as things stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from bench.simulation import oracle
from bench.simulation.facts import Facts, by_factor, shortened
from engine.bpmn.nodes import Node
from engine.definitions.escalation_table import RungTable
from engine.worktime import Calendar, Limit

DEFAULT_UNIT = "working_days"


class ReplayedRung(NamedTuple):
    """One rung: of which task (0 for the case), which one, when, and the rule that says so."""

    task: int
    mark: str
    at: datetime
    rule: int


@dataclass
class ReplayedTask:
    """A task as the chain tells it."""

    id: int
    node: str
    level: str
    unit: int
    opened_at: datetime
    table: RungTable
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
    asked: Limit | None = None
    done_at: datetime | None = None
    done_seq: int = 0

    def handled_by(self, calendar: Calendar) -> datetime:
        """When the handling limit ends, floor apart."""
        assert self.started_at is not None and self.limit is not None
        limit, more = self.limit, self.extension
        if more is not None and more.unit == limit.unit:
            limit, more = Limit(limit.amount + more.amount, limit.unit), None
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
    """The emergency's limit, else the table's, else what triage said, else the step's own."""
    usual = _usual(task, process, node, columns)
    profile = facts.emergency(task.unit, at)
    return usual if profile is None else shortened(profile, process, task.node, usual)


def sign_limit_of(
    task: ReplayedTask, node: Node | None, facts: Facts, at: datetime
) -> Limit | None:
    """The step's own limit for signing, by the factor of the emergency."""
    if node is None or node.sign_limit is None:
        return None
    usual = Limit(node.sign_limit, node.sign_limit_unit or DEFAULT_UNIT)
    profile = facts.emergency(task.unit, at)
    return usual if profile is None else by_factor(profile, usual)


def _usual(
    task: ReplayedTask, process: str, node: Node | None, columns: Mapping[str, Any]
) -> Limit | None:
    decided = {key: columns.get(key) for key in ("category", "risk", "priority")}
    said = task.table.limit(process=process, step=task.node, level=task.level, **decided)
    if said is not None:
        return said[0]
    if node is None or node.limit is None:
        return None
    if node.limit != "case":
        return Limit(int(node.limit), node.limit_unit or DEFAULT_UNIT)
    unit = columns.get("limit_unit") or node.limit_unit or DEFAULT_UNIT
    amount = columns.get("limit_amount")
    return None if amount is None else Limit(amount, unit)
