"""What an overdue clock does when its due row fires, and what it says of why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import bpmn
from engine.casework import demand_ladder, demands, steps
from engine.casework.case_work import CaseWork, context_of, engine_faults
from engine.casework.moves import cohandling, pauses
from engine.errors import Conflict
from engine.models import Due, Task
from engine.storage import pending_rows
from engine.timing import clocks
from engine.worker import notification, rungs


def act(db: Session, work: CaseWork, due: Due) -> None:
    """Do what the moment of a due row is there for; the row goes with it. The case is locked."""
    _ACTS[due.kind](db, work, due)
    # Without looking: what fired may have deleted the row already, with the case's other clocks.
    pending_rows.remove(db, due)


def together(kind: str, data: Mapping[str, Any]) -> bool:
    """Return whether a row only adds to its own case, so that many cases can share a transaction.

    What runs a diagram may take long, and what takes a number makes others wait for it.
    """
    return kind in _TOGETHER and not (kind == "rung" and data.get("act") in _HEAVY)


def _timer(db: Session, work: CaseWork, due: Due) -> None:
    with engine_faults(work):
        step = bpmn.fire_timer(
            work.version.definition, work.state.state, due.mark, context_of(work)
        )
    node = due.data.get("node", "")
    work.record(db, "timer.fired", node=node, due=_iso(due))
    steps.apply_step(db, work, step)


def _soon(db: Session, work: CaseWork, due: Due) -> None:
    notification.tell_worker(db, work, due, "task.soon_due")


def _sign_expired(db: Session, work: CaseWork, due: Due) -> None:
    """Nobody signed in time: handling begins to run all the same."""
    task = _task(work)
    _expired(db, work, due, clocks.SIGN)
    if task.started_at is None and task.done_at is None:
        node = work.version.node(task.node_id)
        began = max(due.fire_at, clocks.came_at(task))
        clocks.start_handling(db, work.case, task, node, work.works, at=began)
    if not rungs.moot(work, due, clocks.SIGN):
        notification.tell_worker(db, work, due, "task.unsigned")


def _expired_handling(db: Session, work: CaseWork, due: Due) -> None:
    task = _task(work)
    _expired(db, work, due, clocks.HANDLE)
    # Who could sign for it has heard that the time to sign has passed.
    if not rungs.moot(work, due, clocks.HANDLE) and not clocks.is_signing(task):
        notification.tell_worker(db, work, due, "task.overdue")


def _pause_over(db: Session, work: CaseWork, due: Due) -> None:
    """The limit of a pause is reached: the handling clock goes on from that minute."""
    pauses.run_out(db, work, due.fire_at)


def _expired_citizen(db: Session, work: CaseWork, due: Due) -> None:
    _expired(db, work, due, clocks.CITIZEN)


def _expired(db: Session, work: CaseWork, due: Due, clock: str) -> None:
    work.record(db, "clock.expired", task=work.task, clock=clock, due=_iso(due))


def _task(work: CaseWork) -> Task:
    if work.task is None:
        raise Conflict(work.case.id)
    return work.task


def _iso(due: Due) -> str:
    return due.fire_at.isoformat()


_ACTS: dict[str, Callable[[Session, CaseWork, Due], None]] = {
    "timer": _timer,
    "sign_warn": _soon,
    "sign_due": _sign_expired,
    "warn": _soon,
    "due": _expired_handling,
    "citizen_due": _expired_citizen,
    "resume": _pause_over,
    "co_due": cohandling.run_out,
    "rung": rungs.ring,
    "demand_rung": demand_ladder.climb,
    "demand_due": demands.run_out,
}
_TOGETHER = frozenset({"sign_warn", "sign_due", "warn", "due", "citizen_due", "rung"})
_HEAVY = frozenset({"supervise", "escalate"})
