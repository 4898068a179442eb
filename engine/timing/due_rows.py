"""Rows of the due table: every future moment of a case is one, and fires once.

What has come due is never cancelled: who acts a minute after a deadline, before the worker
got to it, does not make it unseen. Only what lies ahead is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, cast, delete, or_, select, update
from sqlalchemy.orm import Session

from engine.definitions.escalation_table import Rung
from engine.models import Case, Due, Task
from engine.storage import pending_rows

# What is recorded even if the worker comes late to it; a late warning says nothing.
BINDING = ("sign_due", "due", "citizen_due", "rung")
# What a unit is called to answer, it answers although the case has ended.
DEMAND, DEMAND_RUNG = "demand_due", "demand_rung"
DEMANDS = (DEMAND, DEMAND_RUNG)


def at(
    db: Session,
    case: Case,
    task: Task | None,
    kind: str,
    fire_at: datetime,
    *,
    mark: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Write one moment."""
    row = Due(
        county_id=case.county_id,
        case_id=case.id,
        task_id=task.id if task else None,
        kind=kind,
        mark=mark,
        fire_at=fire_at,
        data=data or {},
    )
    pending_rows.add(db, row)


def rung(
    db: Session,
    case: Case,
    task: Task | None,
    clock: str,
    step: Rung,
    fire_at: datetime,
    due_at: datetime,
    *,
    moment: datetime | None = None,
) -> None:
    """Write the moment of a rung, with what firing needs to know.

    ``moment`` is when a later round fell due, from which the next one is counted.
    """
    data = {**step.as_data(), "clock": clock, "since": due_at.isoformat()}
    if moment is not None:
        data["moment"] = moment.isoformat()
    at(db, case, task, "rung", fire_at, mark=f"{clock}:{step.mark}", data=data)


def rungs_ahead(
    db: Session, case: Case, task: Task | None, clock: str, *, now: datetime
) -> list[Due]:
    """Return the rungs of a clock that have not come; what failed and is put off has."""
    pending_rows.settle(db, Due)
    of_task = Due.task_id == task.id if task is not None else Due.task_id.is_(None)
    mine = (Due.case_id == case.id, Due.county_id == case.county_id, of_task)
    ahead = (Due.kind == "rung", Due.mark.startswith(f"{clock}:"), Due.fire_at > now)
    return list(db.scalars(select(Due).where(*mine, *ahead, Due.failures == 0).order_by(Due.id)))


def ahead(
    db: Session,
    case: Case,
    kinds: Iterable[str],
    *,
    now: datetime,
    task: Task | None = None,
) -> list[Due]:
    """Return the moments of some kinds that have not come, of a case or of one of its tasks."""
    pending_rows.settle(db, Due)
    mine = [Due.case_id == case.id, Due.county_id == case.county_id]
    if task is not None:
        mine.append(Due.task_id == task.id)
    coming = (Due.kind.in_(list(kinds)), Due.fire_at > now, Due.failures == 0)
    return list(db.scalars(select(Due).where(*mine, *coming).order_by(Due.id)))


def cancel(
    db: Session,
    case: Case,
    task_ids: Iterable[int] = (),
    *,
    now: datetime,
    timers: Iterable[str] = (),
    kinds: Iterable[str] = (),
    rungs_of: str | None = None,
) -> None:
    """Delete what lies ahead of tasks, and the timers named, in one statement.

    ``kinds`` and ``rungs_of`` restrict which rows of the tasks go; without them all go.
    """
    task_ids, timers = list(task_ids), list(timers)
    conditions: list[ColumnElement[bool]] = []
    if task_ids:
        conditions.append(_of_tasks(task_ids, kinds, rungs_of) & _ahead(now))
    if timers:
        conditions.append((Due.kind == "timer") & Due.mark.in_(timers))
    if conditions:
        pending_rows.settle(db, Due)
        _delete(db, case, or_(*conditions))


def cancel_all(db: Session, case: Case, *, now: datetime) -> None:
    """Delete what lies ahead of a case that has ended."""
    pending_rows.settle(db, Due)
    _delete(db, case, _ahead(now) & (Due.kind.not_in(DEMANDS)))


def cancel_demand(db: Session, case: Case, mark: str, *, now: datetime) -> None:
    """Delete what lies ahead of a round of a notice: its end, and the rungs after it."""
    mine = (Due.mark == mark) | Due.mark.startswith(f"{mark}:")
    pending_rows.settle(db, Due)
    _delete(db, case, Due.kind.in_(DEMANDS) & mine & (Due.fire_at > now))


def cancel_citizen(db: Session, case: Case, *, now: datetime) -> None:
    """Delete what lies ahead of the citizen's clock; what came due keeps its place beside."""
    mine = (Due.kind == "citizen_due") | Due.mark.startswith("citizen:")
    # What a step has just armed for its tasks is not looked for, and is written at its end.
    pending_rows.settle(db, Due, lambda row: row.task_id is None)
    _set_apart(db, case, mine & Due.task_id.is_(None), now)
    _delete(db, case, mine & Due.task_id.is_(None) & (Due.fire_at > now))


def set_apart(
    db: Session, case: Case, task_id: int, *, now: datetime, kinds: Iterable[str], rungs_of: str
) -> None:
    """Rename overdue rows so that a re-armed clock can reuse their keys."""
    pending_rows.settle(db, Due)
    _set_apart(db, case, _of_tasks([task_id], kinds, rungs_of), now)


def _set_apart(db: Session, case: Case, condition: ColumnElement[bool], now: datetime) -> None:
    db.execute(
        update(Due)
        .where(
            Due.case_id == case.id,
            Due.county_id == case.county_id,
            condition,
            Due.fire_at <= now,
            Due.mark.not_like("%~%"),
        )
        .values(mark=Due.mark + "~" + cast(cast(Due.id, BigInteger), String))
        .execution_options(synchronize_session=False)
    )


def _of_tasks(
    task_ids: list[int], kinds: Iterable[str], rungs_of: str | None
) -> ColumnElement[bool]:
    of_tasks: ColumnElement[bool] = Due.task_id.in_(task_ids)
    if rungs_of is None:
        return of_tasks
    return of_tasks & or_(Due.kind.in_(list(kinds)), Due.mark.startswith(f"{rungs_of}:"))


def _ahead(now: datetime) -> ColumnElement[bool]:
    return or_(Due.fire_at > now, Due.kind.not_in(BINDING))


def _delete(db: Session, case: Case, condition: ColumnElement[bool]) -> None:
    # From the table: the ORM's own DELETE looks through the session for what it met.
    table: Any = Due.__table__
    of_case = (Due.case_id == case.id, Due.county_id == case.county_id)
    db.execute(delete(table).where(*of_case, condition))
