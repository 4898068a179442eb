"""The citizen's clock: what is promised when a case is opened, and what reopening leaves of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from engine.bpmn.nodes import ProcessInfo
from engine.models import Case
from engine.timing import clocks, due_rows
from engine.worktime import Limit, deadline


def start(db: Session, case: Case, limit: Limit | None, works: clocks.DeadlineContext) -> None:
    """Arm the citizen's clock, which runs from opening to the answer.

    A due date that came with the case from outside stays as it was promised there; one that
    whoever sent it on has set holds where it is the earlier one.
    """
    if case.due_at is not None and limit is not None and case.source is None:
        own = deadline(case.opened_at, limit, works.calendar)
        case.due_at = None if own <= case.due_at else case.due_at
    case.table_id = works.rungs.id
    case.due_given = case.due_at is not None
    if limit is not None and case.due_at is None:
        case.due_at = deadline(case.opened_at, limit, works.calendar)
    rearm(db, case, works)


def limit_of(case: Case, process: ProcessInfo) -> Limit | None:
    """Return what the citizen is promised: by the table that triage asked, else by the process."""
    if case.promise:
        return Limit(int(case.promise[0]), str(case.promise[1]))
    if process.limit is None:
        return None
    return Limit(process.limit, process.limit_unit or "working_days")


def due_of(
    case: Case, limit: Limit | None, works: clocks.DeadlineContext, *, least: bool = True
) -> datetime:
    """Return when the citizen's clock ends, without the times between an answer and its reopening.

    With ``least`` the correction has its own limit in any case.
    """
    answers = case.answers or []
    away = [(_moment(one["given"]), _moment(one["until"])) for one in answers]
    if limit is not None and not case.due_given:
        due = deadline(case.opened_at, limit, works.calendar, pauses=away)
    else:
        assert case.due_at is not None
        due = _moment(answers[0]["due"]) if answers else case.due_at
        for begins, ends in away:
            due += ends - begins if begins < due else timedelta(0)
    floors = [_moment(one["least"]) for one in answers if one["least"]] if least else []
    return max([due, *floors])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def rearm(
    db: Session, case: Case, works: clocks.DeadlineContext, *, since: datetime | None = None
) -> None:
    """Write the moments of the citizen's clock, those after ``since``; what it promised stays."""
    if case.due_at is None:
        return
    if since is None or case.due_at > since:
        due_rows.at(db, case, None, "citizen_due", case.due_at)
    clocks.arm_rungs(db, case, None, clocks.CITIZEN, case.due_at, works, since=since)
