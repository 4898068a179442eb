"""Requests for help as people see them: on the page of a case, and as a queue of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.casework.moves import cohandling
from engine.errors import NotFound
from engine.models import Participation, Task
from engine.reading.casefile import CaseFile
from engine.reading.worklists import RowsPage, TaskRow
from engine.records import answer_history
from engine.records.answer_history import AnswerSet


@dataclass(frozen=True)
class CohandlingEntry:
    """One request: who was asked what, where it stands, and what this person may do with it."""

    id: int
    task: Task
    unit: str
    question: str
    answer: str
    by: str
    asked_at: datetime
    deadline_at: datetime
    done_at: datetime | None
    outcome: str | None
    may_answer: bool
    may_withdraw: bool
    warn_at: datetime | None = None

    @property
    def stand(self) -> str:
        """How the request ended, in words."""
        ended = {
            "answered": _("已答复"),
            "withdrawn": _("已收回"),
            "closed": _("未答复，已随环节结束"),
        }
        return ended.get(self.outcome or "", "")


def of_case(
    db: Session, actor: Actor, file: CaseFile, kept: Sequence[AnswerSet]
) -> list[CohandlingEntry]:
    """Return the requests of a case in the order in which they were made; one statement."""
    return [_help(actor, row, by, kept) for row, by in cohandling.of_case(db, file.case)]


def of_request(db: Session, actor: Actor, file: CaseFile, request_id: int) -> CohandlingEntry:
    """Return one request of a visible case. Raises NotFound."""
    found = of_case(db, actor, file, answer_history.standing(db, file.case).sets)
    for one in found:
        if one.id == request_id:
            return one
    raise NotFound(request_id)


def queue(db: Session, actor: Actor) -> RowsPage:
    """Return what the actor's units are asked to help with, the soonest first; one statement."""
    return RowsPage(tuple(_row(row) for row in cohandling.waiting_for(db, actor)), None)


def _help(actor: Actor, row: Participation, by: str, kept: Sequence[AnswerSet]) -> CohandlingEntry:
    waits = row.done_at is None
    return CohandlingEntry(
        id=row.id,
        task=row.task,
        unit=row.unit.name,
        question=cohandling.question_of(row, kept),
        answer=cohandling.answer_of(row, kept),
        by=by,
        asked_at=row.asked_at,
        deadline_at=row.due_at,
        done_at=row.done_at,
        outcome=row.outcome,
        may_answer=waits and cohandling.seat_at(actor, row) is not None,
        may_withdraw=waits and policy.allowed(actor, cohandling.ASK.key, row.task),
    )


def _row(row: Participation) -> TaskRow:
    task = row.task
    return TaskRow(
        task_id=task.id,
        case_id=task.case.id,
        number=task.case.number,
        title=task.case.title,
        place=task.case.place_name,
        process=task.case.process,
        priority=task.case.priority,
        step=task.name,
        step_en=task.name_en,
        unit=row.unit.name,
        assignee=None,
        signed_at=None,
        deadline_at=row.due_at,
        warn_at=None,
        done_at=None,
        limit_source=None,
        paused_at=None,
    )
