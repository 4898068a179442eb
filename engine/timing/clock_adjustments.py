"""What has been written down against a handling clock: pauses that are over, and an extension."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.models import Extension, Pause, Task
from engine.timing.limits import LAW
from engine.worktime import Limit, limits

DEFAULT_UNIT = "working_days"


@dataclass
class ClockAdjustments:
    """Spans in which the clock stood still, and the extension that was granted, if one was."""

    pauses: list[limits.Pause] = field(default_factory=list)
    # Why, in the order of the spans.
    reasons: list[str] = field(default_factory=list)
    extension: Limit | None = None


def of_tasks(db: Session, tasks: Collection[Task]) -> dict[int, ClockAdjustments]:
    """Return the ledgers of tasks by id, in two statements, and one for each limit from a date."""
    found = {task.id: ClockAdjustments() for task in tasks}
    if not found:
        return found
    pauses = select(Pause).where(Pause.task_id.in_(found)).order_by(Pause.from_at, Pause.id)
    for pause in db.scalars(pauses):
        if pause.until_at is not None:
            found[pause.task_id].pauses.append((pause.from_at, pause.until_at))
            found[pause.task_id].reasons.append(pause.reason)
    for task in tasks:
        for pause in _of_other_rounds(db, task):
            if pause.until_at is not None:
                found[task.id].pauses.append((pause.from_at, pause.until_at))
                found[task.id].reasons.append(pause.reason)
    granted = select(Extension).where(Extension.task_id.in_(found), Extension.granted.is_(True))
    for row in db.scalars(granted):
        found[row.task_id].extension = Limit(row.amount, row.unit or DEFAULT_UNIT)
    return found


def spans(db: Session, task: Task) -> list[limits.Pause]:
    """Return the spans in which the handling clock of a task stood still and that are over."""
    own = select(Pause).where(Pause.task_id == task.id).order_by(Pause.from_at, Pause.id)
    kept = [*db.scalars(own), *_of_other_rounds(db, task)]
    return [(one.from_at, one.until_at) for one in kept if one.until_at is not None]


def _of_other_rounds(db: Session, task: Task) -> list[Pause]:
    """Return the pauses of a step's earlier rounds, which a limit from a date leaves out as well:
    it is one limit, however often the step comes again.
    """
    if task.counts_from is None or task.limit_source == LAW:
        return []
    rounds = (
        select(Pause)
        .join(Task, Task.id == Pause.task_id)
        .where(
            Task.case_id == task.case_id,
            Task.county_id == task.county_id,
            Task.node_id == task.node_id,
            Task.id != task.id,
            Pause.until_at > task.counts_from,
        )
    )
    return list(db.scalars(rounds.order_by(Pause.from_at, Pause.id)))
