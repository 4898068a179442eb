"""A rung that fires: who above the late one is notified, what is done, what is recorded, what
follows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import bpmn, org, settings
from engine.bpmn.errors import NotCaught
from engine.casework import case_access, demands, recalculation, recusal, steps
from engine.casework.case_work import CaseWork, context_of, engine_faults
from engine.casework.moves import reassignment
from engine.models import Due
from engine.notices import outbox
from engine.org import Climb, Lateness
from engine.storage import tallies
from engine.terms.levels import height
from engine.timing import clocks, ladders
from engine.worker import notification
from engine.worker.notification import words_of

# The name by which a diagram catches a rung that throws an escalation.
OVERDUE = "overdue"


def look_up(db: Session, begun: Sequence[tuple[CaseWork, Due]], now: datetime) -> None:
    """Look up where the rungs among many rows arrive: in one statement, or two where some
    belong to no task."""
    climbing = [(work, due) for work, due in begun if due.kind == "rung"]
    if not climbing:
        return
    whole = [work.case for work, _ in climbing if work.task is None]
    oldest = demands.at_work(db, whole) if whole else {}
    for work, _due in climbing:
        work.at_work = work.task or oldest.get(work.case.id)
    ways = [_way(work, due) for work, due in climbing]
    found = org.climb_all(db, ways, now, levels=settings.current().levels)
    for (work, _due), way, arrives in zip(climbing, ways, found, strict=True):
        work.arrives = recusal.arrival(db, work.case, arrives, way, now)


def ring(db: Session, work: CaseWork, due: Due) -> None:
    """One rung: climb, pass by empty posts and the late one, act, record the rule, arm the next."""
    if work.arrives is None:
        look_up(db, [(work, due)], work.now)
    found = work.arrives
    assert found is not None
    why = _moot(work, due)
    done = {"moot": why} if why else _ACTS[due.data["act"]](db, work, due, found)
    _record(db, work, due, found, done)
    case_access.grant(db, work.case, found.unit, "supervisor", work.now)
    tallies.count(db, work.case, found.unit.id, "escalated", 1, at=work.now)
    _raise(db, work, settings.current().levels, found)
    if "again" in due.data and why in (None, "unsigned"):
        _go_on(db, work, due)


def moot(work: CaseWork, due: Due, clock: str) -> str | None:
    """Return why a moment that the worker comes late to needs no act any more; None when it does.

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


def _moot(work: CaseWork, due: Due) -> str | None:
    """Return the same for a rung; one task that nobody has signed for has one ladder, that of
    signing.
    """
    why = moot(work, due, due.data["clock"])
    task = work.task
    if why is None and task is not None and due.data["clock"] == clocks.HANDLE:
        tells = due.data["act"] != "escalate"
        unsigned = clocks.is_signing(task) or task.queue_empty_since is not None
        return "unsigned" if tells and unsigned else None
    return why


def _record(db: Session, work: CaseWork, due: Due, found: Climb, done: dict[str, Any]) -> None:
    levels_up, role = int(due.data["levels_up"]), str(due.data["role"])
    extra = {key: due.data[key] for key in ("again",) if key in due.data}
    if found.role != role:
        extra["reached_role"] = found.role
    work.record(
        db,
        "escalated",
        task=work.task,
        clock=due.data["clock"],
        rung=due.mark.partition("~")[0],
        since=due.data["since"],
        inputs=ladders.inputs(work.case, work.task, due.data["clock"]),
        rule=due.data["rule"],
        table=due.data["number"],
        act=due.data["act"],
        role=role,
        levels_up=levels_up,
        due=due.fire_at.isoformat(),
        unit=found.unit.id,
        unit_name=found.unit.name,
        level=found.unit.level,
        reached=[holder.user_id for holder in found.holders],
        skipped=[
            {"unit": skip.unit_id, "name": skip.unit_name, "reason": skip.reason}
            for skip in found.skips
        ],
        **extra,
        **done,
    )


def _late(work: CaseWork) -> Lateness:
    """Return who is late: who has the task; of a whole case, who has the oldest that is open."""
    task = work.at_work
    if task is None:
        return Lateness(work.case.unit, "")
    return Lateness(task.unit, task.role, task.assignee_id)


def _way(work: CaseWork, due: Due) -> org.ClimbRequest:
    late = _late(work)
    return org.ClimbRequest(
        late.unit,
        int(due.data["levels_up"]),
        str(due.data["role"]),
        late,
        due.data["act"] == "supervise",
        around=recusal.around(work.case),
    )


def _go_on(db: Session, work: CaseWork, due: Due) -> None:
    since = datetime.fromisoformat(due.data["since"])
    found = ladders.of(work.case, work.task, str(due.data["clock"]), since, work.works)
    ladders.arm_next(db, work.case, work.task, due, found, now=work.now)


def _raise(db: Session, work: CaseWork, levels: Sequence[str], found: Climb) -> None:
    """Note how high it has climbed, on the task or on every open task of a late case."""
    reached = height(found.unit.level, levels)
    for task in [work.task] if work.task else recalculation.open_tasks(db, work.case):
        task.height = max(task.height, reached)


def _notify(db: Session, work: CaseWork, due: Due, found: Climb) -> dict[str, Any]:
    notification.notify(db, work, due, found, "case.escalated")
    return {}


def _supervise(db: Session, work: CaseWork, due: Due, found: Climb) -> dict[str, Any]:
    """Return a supervision notice from above to the unit that is late; an open one is urged
    instead.

    Where no other unit stands above, no notice: who leads the top is notified.
    """
    late = _late(work).unit
    if not org.stands_over(found.unit, late):
        notification.notify(db, work, due, found, "case.escalated")
        return {"demand": None}
    demand, new = demands.issue_by_rung(db, work, due, found.unit, late)
    notification.notify(db, work, due, found, "case.supervised")
    if not new:
        notification.tell_worker(db, work, due, "task.supervised")
    return {"demand": str(demand.id), "number": demand.number, "new": new}


def _reassign(db: Session, work: CaseWork, due: Due, found: Climb) -> dict[str, Any]:
    """Take the task from who sits on it: back to the queue; the leader, the queue and they hear.

    Where nobody has signed there is nothing to take, and the leader is notified as by any rung.
    """
    task = work.task
    if task is None or task.assignee_id is None:
        notification.notify(db, work, due, found, "case.escalated")
        return {"taken": None}
    holder = task.assignee_id
    reassignment.give(db, work, task, task.unit, None)
    notification.notify(db, work, due, found, "case.reassigned")
    reassignment.notify(db, work, task, "task.opened", cause=f"reassigned:{due.id}")
    outbox.put(
        db,
        work.case,
        "task.taken",
        cause=f"task.taken:{due.id}",
        now=work.now,
        user_id=holder,
        task=task,
        **words_of(work, due),
    )
    return {"taken": holder}


def _escalate(db: Session, work: CaseWork, due: Due, found: Climb) -> dict[str, Any]:
    """Throw an escalation into the diagram; people are notified also where nothing catches it."""
    task = work.task
    if task is None or not clocks.is_signing(task):
        notification.notify(db, work, due, found, "case.escalated")
    if task is None or task.done_at is not None:
        return {"thrown": "no task"}
    try:
        with engine_faults(work):
            step = bpmn.throw_escalation(
                work.version.definition,
                work.state.state,
                task.engine_id,
                OVERDUE,
                context_of(work),
            )
    except NotCaught:
        return {"thrown": "not caught"}
    steps.apply_step(db, work, step)
    return {"thrown": "caught"}


_ACTS: dict[str, Callable[[Session, CaseWork, Due, Climb], dict[str, Any]]] = {
    "notify": _notify,
    "supervise": _supervise,
    "reassign": _reassign,
    "escalate": _escalate,
}
