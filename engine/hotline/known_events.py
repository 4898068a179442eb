"""Events that many call about now, for whoever takes calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.models import Case, KnownEvent

MOST = 3


@dataclass(frozen=True)
class RunningEvent:
    """A known event: the case, what to say, how many have called, when an answer is due."""

    case_id: int
    number: str
    title: str
    words: str
    applicants: int
    due_at: datetime | None


def running(db: Session, actor: Actor, process: str) -> list[RunningEvent]:
    """Return the events of a process that the actor may see and that wait for an answer, newest
    first; one statement.
    """
    rows = db.execute(
        select(Case.id, Case.number, Case.title, KnownEvent.words, Case.applicants, Case.due_at)
        .join(Case, (Case.id == KnownEvent.case_id) & (Case.county_id == KnownEvent.county_id))
        .where(
            KnownEvent.ended_at.is_(None),
            Case.process == process,
            Case.closed_at.is_(None),
            Case.answered_at.is_(None),
            Case.main_id.is_(None),
            ~Case.guarded,
            policy.visible_cases(actor),
        )
        .order_by(KnownEvent.id.desc())
        .limit(MOST)
    )
    return [RunningEvent(*row) for row in rows]
