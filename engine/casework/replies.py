"""The citizen's answer (答复): where the diagram says it is given, the citizen's clock stops.

When a case is reopened the clock goes on with what was left of it: the time between answer and
reopening is not counted. The step that corrects has its own limit at the least. An answer that
was late stays late whatever comes after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.bpmn.nodes import ANSWERED
from engine.casework.case_work import CaseWork, process_limit
from engine.models import Task
from engine.timing import due_rows, promises
from engine.worktime import Limit, deadline

GIVEN, WITHDRAWN = "case.answered", "case.unanswered"


def follow(db: Session, work: CaseWork, said: Iterable[str], opened: Sequence[Task]) -> None:
    """Do what a step said of the answer, in its order; ``opened`` are the tasks it opened."""
    for one in said:
        if one == ANSWERED:
            give(db, work)
        else:
            reopen(db, work, opened)


def give(db: Session, work: CaseWork) -> None:
    """The citizen has the answer: the clock stops. A second answer changes nothing."""
    case = work.case
    if case.answered_at is not None:
        return
    case.answered_at = work.now
    due_rows.cancel_citizen(db, case, now=work.now)
    due = case.due_at.isoformat() if case.due_at is not None else None
    work.record(db, GIVEN, automatic=True, due=due)


def reopen(db: Session, work: CaseWork, opened: Sequence[Task]) -> None:
    """The answer does not hold any more: the clock goes on with what was left of it."""
    case, now = work.case, work.now
    if case.answered_at is None:
        return
    answered, due = case.answered_at, case.due_at
    least = _correction(work, opened)
    if due is not None and answered > due:
        case.missed_at = case.missed_at or due
    entry: dict[str, Any] = {
        "given": answered.isoformat(),
        "until": now.isoformat(),
        "due": due.isoformat() if due is not None else None,
        "least": least.isoformat() if least is not None else None,
    }
    earlier = list(case.answers or ())
    case.answers, case.answered_at = [*earlier, entry], None
    if due is not None:
        limit = process_limit(work)
        entry["left"] = promises.due_of(case, limit, work.works, least=False).isoformat()
        case.due_at = promises.due_of(case, limit, work.works)
        entry["to"] = case.due_at.isoformat()
        case.answers = [*earlier, dict(entry)]
    due_rows.cancel_citizen(db, case, now=now)
    promises.rearm(db, case, work.works, since=now)
    work.record(db, WITHDRAWN, automatic=True, **entry)


def _correction(work: CaseWork, opened: Sequence[Task]) -> datetime | None:
    """Return when the step that corrects ends by its own limit; of several the last."""
    ends = [
        deadline(work.now, Limit(task.limit_amount, task.limit_unit), work.works.of(task))
        for task in opened
        if task.limit_amount is not None and task.limit_unit is not None
    ]
    return max(ends, default=None)
