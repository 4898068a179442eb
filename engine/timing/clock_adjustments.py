"""What has been written down against a handling clock: pauses that are over, and an extension."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.models import Extension, Pause, Task
from engine.worktime import Limit, limits

DEFAULT_UNIT = "working_days"


@dataclass
class ClockAdjustments:
    """Spans in which the clock stood still, and the extension that was granted, if one was."""

    pauses: list[limits.Pause] = field(default_factory=list)
    # Why, in the order of the spans.
    reasons: list[str] = field(default_factory=list)
    extension: Limit | None = None


def of_tasks(db: Session, tasks: Iterable[Task]) -> dict[int, ClockAdjustments]:
    """Return the ledgers of tasks by id, in two statements."""
    found = {task.id: ClockAdjustments() for task in tasks}
    if not found:
        return found
    pauses = select(Pause).where(Pause.task_id.in_(found)).order_by(Pause.from_at, Pause.id)
    for pause in db.scalars(pauses):
        if pause.until_at is not None:
            found[pause.task_id].pauses.append((pause.from_at, pause.until_at))
            found[pause.task_id].reasons.append(pause.reason)
    granted = select(Extension).where(Extension.task_id.in_(found), Extension.granted.is_(True))
    for row in db.scalars(granted):
        found[row.task_id].extension = Limit(row.amount, row.unit or DEFAULT_UNIT)
    return found
