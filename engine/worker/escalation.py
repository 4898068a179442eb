"""What an overdue clock does when its due row fires, and what it says of why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import bpmn, org, settings
from engine.bpmn.errors import NotCaught
from engine.casework import demands, detours, steps
from engine.casework.case_work import CaseWork, context_of, engine_faults
from engine.casework.moves import cohandling, hands, pauses
from engine.errors import Conflict
from engine.models import Case, Due, Task
from engine.notices import outbox
from engine.org import Climb
from engine.storage import pending_rows, tallies
from engine.timing import clocks

# The name by which a diagram catches a rung that throws an escalation.
OVERDUE = "overdue"


def act(db: Session, work: CaseWork, due: Due) -> None:
    """Do what the moment of a due row is there for; the row goes with it. The case is locked."""
    _ACTS[due.kind](db, work, due)
    # Without looking: what fired may have deleted the row already, with the case's other clocks.
    pending_rows.remove(db, due)


def together(kind: str, data: Mapping[str, Any]) -> bool:
    """Whether a row only adds to its own case, so that many cases can share a transaction.

    What runs a diagram may take long, and what takes a number makes others wait for it.
    """
    return kind in _TOGETHER and not (kind == "rung" and data.get("act") in _HEAVY)


def look_up(db: Session, begun: Sequence[tuple[CaseWork, Due]], now: datetime) -> None:
    """Look up where the rungs among many rows arrive, in one statement."""
    climbing = [(work, _way(work, due)) for work, due in begun if due.kind == "rung"]
    if not climbing:
        return
    ways = [way for _, way in climbing]
    found = org.climb_all(db, ways, now, levels=settings.current().levels)
    for (work, _), arrives in zip(climbing, found, strict=True):
        work.arrives = arrives


def _timer(db: Session, work: CaseWork, due: Due) -> None:
    with engine_faults(work):
        step = bpmn.fire_timer(
            work.published.definition, work.state.state, due.mark, context_of(work)
        )
    node = due.data.get("node", "")
    work.record(db, "timer.fired", node=node, due=_iso(due))
    steps.apply_step(db, work, step)


def _soon(db: Session, work: CaseWork, due: Due) -> None:
    _tell_worker(db, work, due, "task.soon_due")


def _sign_expired(db: Session, work: CaseWork, due: Due) -> None:
    """Nobody signed in time: handling begins to run all the same."""
    task = _task(work)
    _expired(db, work, due, clocks.SIGN)
    if task.started_at is None and task.done_at is None:
        node = work.published.node(task.node_id)
        clocks.start_handling(db, work.case, task, node, work.works, at=due.fire_at)
    if not moot(work, due, clocks.SIGN):
        _tell_worker(db, work, due, "task.unsigned")


def _expired_handling(db: Session, work: CaseWork, due: Due) -> None:
    _expired(db, work, due, clocks.HANDLE)
    if not moot(work, due, clocks.HANDLE):
        _tell_worker(db, work, due, "task.overdue")


def _pause_over(db: Session, work: CaseWork, due: Due) -> None:
    """The limit of a pause is reached: the handling clock goes on from that minute."""
    pauses.run_out(db, work, due.fire_at)


def _expired_citizen(db: Session, work: CaseWork, due: Due) -> None:
    _expired(db, work, due, clocks.CITIZEN)


def _expired(db: Session, work: CaseWork, due: Due, clock: str) -> None:
    work.record(db, "clock.expired", task=work.task, clock=clock, due=_iso(due))


def _rung(db: Session, work: CaseWork, due: Due) -> None:
    """One rung: climb, skip vacant posts, act, and record the rule that decided it."""
    way, levels = _way(work, due), settings.current().levels
    found = work.arrives or org.climb(db, *way, work.now, levels=levels)
    found = detours.arrival(db, work.case, found, way.role, work.now)
    too_late = moot(work, due, due.data["clock"])
    act = _RUNGS[due.data["act"]]
    done = {"moot": too_late} if too_late else act(db, work, due, found)
    work.record(
        db,
        "escalated",
        task=work.task,
        clock=due.data["clock"],
        rung=due.mark.partition("~")[0],
        since=due.data["since"],
        inputs=clocks.inputs(work.case, work.task, due.data["clock"]),
        rule=due.data["rule"],
        table=due.data["number"],
        act=due.data["act"],
        role=way.role,
        levels_up=way.levels_up,
        due=_iso(due),
        unit=found.unit.id,
        unit_name=found.unit.name,
        level=found.unit.level,
        reached=[holder.user_id for holder in found.holders],
        skipped=[
            {"unit": skip.unit_id, "name": skip.unit_name, "reason": skip.reason}
            for skip in found.skipped
        ],
        **done,
    )
    steps.grant(db, work.case, found.unit, "supervisor", work.now)
    tallies.count(db, work.case, found.unit.id, "escalated", 1, at=work.now)
    _raise(db, work, levels, found)


def _way(work: CaseWork, due: Due) -> org.ClimbRequest:
    start = work.task.unit if work.task else work.case.unit
    return org.ClimbRequest(start, int(due.data["levels_up"]), str(due.data["role"]))


def _raise(db: Session, work: CaseWork, levels: Sequence[str], found: Climb) -> None:
    """Note how high it has climbed, on the task or on every open task of a late case."""
    level = found.unit.level
    height = len(levels) - levels.index(level) if level in levels else len(levels)
    for task in [work.task] if work.task else _open_tasks(db, work.case):
        task.height = max(task.height, height)


def moot(work: CaseWork, due: Due, clock: str) -> str | None:
    """Why a moment that the worker comes late to needs no act any more; None when it does.

    It stays on the record: the deadline did pass.
    """
    task = work.task
    if work.case.closed_at is not None:
        return "closed"
    if clock == clocks.CITIZEN and work.case.answered_at is not None:
        return "answered"
    if task is not None and task.done_at is not None:
        return "done"
    if task is not None and clock == clocks.SIGN and task.assignee_id is not None:
        return "signed"
    return "moved" if "~" in due.mark else None


def _notify(db: Session, work: CaseWork, due: Due, found: Climb) -> dict[str, Any]:
    _tell(db, work, due, found, "case.escalated")
    return {}


def _supervise(db: Session, work: CaseWork, due: Due, found: Climb) -> dict[str, Any]:
    """A supervision notice: the level above learns, and the worker hears that it did."""
    demand, new = demands.issue_by_rung(db, work, due, found)
    _tell(db, work, due, found, "case.supervised")
    _tell_worker(db, work, due, "task.supervised")
    return {"demand": str(demand.id), "number": demand.number, "new": new}


def _reassign(db: Session, work: CaseWork, due: Due, found: Climb) -> dict[str, Any]:
    """Take the task from who sits on it: back to the queue; the leader, the queue and they hear.

    Where nobody has signed there is nothing to take, and the leader is told as by any rung.
    """
    task = work.task
    if task is None or task.assignee_id is None:
        _tell(db, work, due, found, "case.escalated")
        return {"taken": None}
    holder = task.assignee_id
    hands.give(db, work, task, task.unit, None)
    _tell(db, work, due, found, "case.reassigned")
    hands.tell(db, work, task, "task.opened", cause=f"reassigned:{due.id}")
    outbox.put(
        db,
        work.case,
        "task.taken",
        cause=f"task.taken:{due.id}",
        now=work.now,
        user_id=holder,
        task=task,
        **_words(work, due),
    )
    return {"taken": holder}


def _escalate(db: Session, work: CaseWork, due: Due, found: Climb) -> dict[str, Any]:
    """Throw an escalation that the diagram may catch; one that does not is told all the same."""
    _tell(db, work, due, found, "case.escalated")
    task = work.task
    if task is None or task.done_at is not None:
        return {"thrown": "no task"}
    try:
        with engine_faults(work):
            step = bpmn.throw_escalation(
                work.published.definition,
                work.state.state,
                task.engine_id,
                OVERDUE,
                context_of(work),
            )
    except NotCaught:
        return {"thrown": "not caught"}
    steps.apply_step(db, work, step)
    return {"thrown": "caught"}


def _tell(db: Session, work: CaseWork, due: Due, found: Climb, key: str) -> None:
    for holder in found.holders:
        outbox.put(
            db,
            work.case,
            key,
            cause=f"{key}:{due.id}:{holder.user_id}",
            now=work.now,
            user_id=holder.user_id,
            task=work.task,
            **_words(work, due),
        )


def _tell_worker(db: Session, work: CaseWork, due: Due, key: str) -> None:
    """Tell who signed for the task, or everybody who could; for a case, at each open task."""
    for task in [work.task] if work.task else _open_tasks(db, work.case):
        signed = task.assignee_id is not None
        outbox.put(
            db,
            work.case,
            key,
            cause=f"{key}:{due.id}:{task.id}",
            now=work.now,
            user_id=task.assignee_id,
            unit_id=None if signed else task.unit_id,
            role=None if signed else task.role,
            task=task,
            **_words(work, due),
        )


def _open_tasks(db: Session, case: Case) -> list[Task]:
    return list(
        db.scalars(
            select(Task).where(
                Task.case_id == case.id, Task.county_id == case.county_id, Task.done_at.is_(None)
            )
        )
    )


def _words(work: CaseWork, due: Due) -> dict[str, Any]:
    task = work.task
    step = {"step": task.name, "step_en": task.name_en} if task else {}
    return {**step, "due": due.data.get("since") or _iso(due)}


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
    "rung": _rung,
    "demand_due": demands.run_out,
}
_RUNGS: dict[str, Callable[[Session, CaseWork, Due, Climb], dict[str, Any]]] = {
    "notify": _notify,
    "supervise": _supervise,
    "reassign": _reassign,
    "escalate": _escalate,
}
_TOGETHER = frozenset({"sign_warn", "sign_due", "warn", "due", "citizen_due", "rung"})
_HEAVY = frozenset({"supervise", "escalate"})
