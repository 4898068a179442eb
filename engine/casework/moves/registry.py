"""All moves in one list, and which of them somebody may make now, with the reason if not.

Beside them stand signing, releasing, completing and returning in ``engine/casework/cases.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.casework.case_work import CaseWork
from engine.casework.clockwork import works_in_force
from engine.casework.moves import (
    announcing,
    assignments,
    cohandling,
    demand_moves,
    extensions,
    merging,
    pauses,
    recalls,
    reclassifying,
    remarks,
    reminders,
    reopening,
    transfers,
)
from engine.casework.moves.rules import MoveRule
from engine.models import Task
from engine.reading.casefile import CaseFile
from feel.text import Text

MOVES: tuple[MoveRule, ...] = (
    transfers.MOVE,
    assignments.MOVE,
    reminders.MOVE,
    pauses.SUSPEND,
    pauses.RESUME,
    pauses.DECIDE,
    extensions.ASK,
    extensions.DECIDE,
    recalls.MOVE,
    cohandling.ASK,
    cohandling.ANSWER_MOVE,
    cohandling.WITHDRAW,
    reopening.MOVE,
    reclassifying.MOVE,
    merging.MERGE,
    merging.UNMERGE,
    announcing.ANNOUNCE,
    announcing.END,
    demand_moves.SUPERVISE,
    demand_moves.CALL,
    remarks.MOVE,
)


@dataclass(frozen=True)
class MoveOffer:
    """A move that the actor's post allows; ``reason`` says why it would fail now."""

    move: MoveRule
    reason: Text | None

    @property
    def ready(self) -> bool:
        """Whether the move would succeed now."""
        return self.reason is None


def offers(
    db: Session, actor: Actor, file: CaseFile, task: Task | None, now: datetime
) -> list[MoveOffer]:
    """Return the moves on a visible case, or on one of its tasks, that the actor's posts allow.

    What no post of the actor allows is left out: it is nobody's business to learn of it here.
    """
    work = standing(db, actor, file, task, now)
    kind = "case" if task is None else "task" if task.done_at is None else "done"
    return list(_offered(db, work, (move for move in MOVES if move.of == kind)))


def standing(
    db: Session, actor: Actor, file: CaseFile, task: Task | None, now: datetime
) -> CaseWork:
    """Return a case as a move sees it, for looking only: nothing is locked."""
    works = works_in_force(db, now)
    return CaseWork(
        file.case,
        file.state,
        actor,
        now,
        verb="look",
        version=file.version,
        works=works,
        task=task,
    )


def _offered(db: Session, work: CaseWork, moves: Iterable[MoveRule]) -> Iterable[MoveOffer]:
    for move in moves:
        work.seat = move.seat(db, work)
        if work.seat is not None:
            fault = move.refusal(db, work)
            yield MoveOffer(move, fault.text if fault else None)
