"""What every move has in common: who may make it, when, and what it does to each clock.

A move's use case and its button ask the same question, ``refusal``: what is offered succeeds,
and what is not offered says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor, Seat
from engine.casework.case_lock import begin, begin_task, lock_case
from engine.casework.case_work import CaseWork, refuse_done
from engine.errors import DomainError, InvalidInput, NotAllowed
from engine.models import Task
from engine.records import vault
from feel.text import Text

Refusing = Callable[[Session, CaseWork], DomainError | None]
LONGEST_REASON = 1000


@dataclass(frozen=True)
class MoveRule:
    """One move: its words for people and for the table in the docs, and its rule.

    ``refusal`` says what is in the way now, besides permission; None when nothing is.
    """

    key: str
    name: Text
    of: str  # an open task, one that is done, or a case
    who: Text
    when: Text
    sign: Text
    handle: Text
    citizen: Text
    refusal: Refusing
    # Where permission depends on more than the task and the posts.
    seat_of: Callable[[Session, CaseWork], Seat | None] | None = None

    def seat(self, db: Session, work: CaseWork) -> Seat | None:
        """Return the seat through which the work's actor may make this move; None if none."""
        assert work.actor is not None
        if self.seat_of is not None:
            return self.seat_of(db, work)
        if self.key in policy.SUPERIOR_VERBS:
            return policy.superior_seat(work.actor, self.key, work.case, work.task)
        if work.task is None:
            return next(iter(work.actor.seats), None)
        return policy.seat_for(work.actor, self.key, work.task)


RUNS_ON = Text("照常计算", "runs on")
NEVER_STOPS = Text("从不停止", "never stops")


def begin_move(
    db: Session, actor: Actor, task_id: int, move: MoveRule, *, now: datetime
) -> tuple[CaseWork, Task]:
    """Lock the case of a task and ask policy and the move's own rule.

    Raises NotFound, NotAllowed, TaskAlreadyDone, or what the move is refused for.
    """
    work = begin_task(db, task_id, actor, move.key, now=now)
    task = work.task
    assert task is not None
    refuse_done(db, work)
    if move.key in policy.SUPERIOR_VERBS:
        work.seat = policy.require_superior(db, actor, move.key, work.case, task)
    else:
        work.seat = policy.require(db, actor, move.key, task)
    _refuse(db, work, move)
    return work, task


def begin_of_case(
    db: Session, actor: Actor, case_id: int, move: MoveRule, *, now: datetime
) -> CaseWork:
    """Lock a case and ask policy and the move's own rule; raises as ``begin_move``."""
    work = begin(db, lock_case(db, case_id), actor, move.key, now=now)
    if actor.citizen_of is not None:
        policy.require(db, actor, move.key, work.case)
    elif move.seat_of is not None:
        policy.require(db, actor, "see", work.case)
        work.seat = move.seat_of(db, work)
        if work.seat is None:
            raise NotAllowed(move.key, case_id)
    elif move.key in policy.SUPERIOR_VERBS:
        work.seat = policy.require_superior(db, actor, move.key, work.case, None)
    else:
        policy.require(db, actor, "see", work.case)
        work.seat = move.seat(db, work)
    _refuse(db, work, move)
    return work


def keep_reason(db: Session, work: CaseWork, move: MoveRule, reason: str) -> str:
    """Put a reason into the vault; return its receipt for the chain. Raises InvalidInput."""
    told = reason.strip()
    if not told:
        raise InvalidInput({"reason": Text("请填写原因。", "Please give the reason.")})
    if len(told) > LONGEST_REASON:
        too_long = Text("原因不能超过 1000 字。", "The reason is at most 1000 characters.")
        raise InvalidInput({"reason": too_long})
    node = f"{work.task.node_id if work.task else ''}:{move.key}"
    return vault.keep(db, work.case, work.task, node, {"reason": told}, at=work.now).digest


def _refuse(db: Session, work: CaseWork, move: MoveRule) -> None:
    fault = move.refusal(db, work)
    if fault is not None:
        raise fault
