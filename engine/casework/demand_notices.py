"""Whom a notice or a call tells: who answers for the unit, who asked; and what the chain says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from engine import org
from engine.access import policy
from engine.casework import recusal
from engine.casework.case_work import CaseWork
from engine.models import Demand, Unit
from engine.notices import outbox
from engine.org import ClimbRequest, Lateness


def record(db: Session, work: CaseWork, demand: Demand, kind: str, **data: Any) -> None:
    """Append a step of its life to the chain of the case."""
    work.record(
        db,
        kind,
        task=work.task,
        demand=str(demand.id),
        form=demand.kind,
        number=demand.number,
        round=demand.round,
        **data,
    )


def notify(
    db: Session, work: CaseWork, demand: Demand, key: str, seats: Iterable[tuple[Unit, str]]
) -> None:
    """Notify those who hold one of the roles in a unit, each once."""
    told = {
        holder.user_id
        for unit, role in seats
        for holder in org.holders(db, unit.id, role, work.now)
    }
    for user_id in sorted(told):
        put(db, work, demand, key, user_id)


def tell_called(db: Session, work: CaseWork, demand: Demand, key: str) -> list[int]:
    """Notify who answers for the unit that is called, and who has the task there.

    Its leader and its handlers; in a unit without them whoever may answer for it; where nobody
    sits there at all, who stands above. Returns the ids of those above who were notified instead.
    """
    unit, task = demand.unit, work.task
    people = _people(db, work, unit, ("leader", "handler"))
    if task is not None and task.unit_id == unit.id:
        here = {task.assignee_id} if task.assignee_id else _people(db, work, unit, (task.role,))
        people |= here
    people = people or _people(db, work, unit, sorted(policy.ANSWERERS))
    above = set() if people else _above(db, work, unit)
    for user_id in sorted(people | above):
        put(db, work, demand, key, user_id)
    return sorted(above)


def put(
    db: Session, work: CaseWork, demand: Demand, key: str, user_id: int, cause: str = ""
) -> None:
    """Queue one message about it: once a round for a person, or once for each ``cause``."""
    outbox.put(
        db,
        work.case,
        key,
        cause=f"{key}:{demand.id}:{demand.round}:{cause or user_id}",
        once=True,
        now=work.now,
        user_id=user_id,
        task=work.task,
        text=demand.number,
        text_en=demand.number,
        due=demand.due_at.isoformat(),
        demand=str(demand.id),
    )


def _people(db: Session, work: CaseWork, unit: Unit, roles: Iterable[str]) -> set[int]:
    return {holder.user_id for role in roles for holder in org.holders(db, unit.id, role, work.now)}


def _above(db: Session, work: CaseWork, unit: Unit) -> set[int]:
    """Return who leads the next unit above one in which nobody sits."""
    way = ClimbRequest(
        unit, 1, "leader", Lateness(unit, "leader"), over=True, around=recusal.around(work.case)
    )
    found = recusal.arrival(db, work.case, org.climb_all(db, [way], work.now)[0], way, work.now)
    return {holder.user_id for holder in found.holders}
