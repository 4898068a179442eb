"""What else a calendar moves besides limits and their rungs: pauses, helping units, supervision
orders and calls, and timers of the diagram that count working time.

What has come has come. What would by the new calendar have come already comes at once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.bpmn.nodes import Node
from engine.casework import co_handlers, demand_ladder
from engine.casework.case_work import CaseWork
from engine.models import Demand, Due, Participation, Pause, Task
from engine.timing import clocks, due_rows, ladders
from engine.worktime import Calendar, Limit, deadline, warn_at

KIND, REASON = "clock.recounted", "calendar"
PAUSE, HELP, NOTICE, TIMER = "pause", "help", "notice", "timer"


def follow_task(db: Session, work: CaseWork, task: Task, node: Node | None) -> None:
    """Move warnings and rungs to come of clocks that end when they did to where the calendar has
    them.
    """
    now = work.now
    for clock in (clocks.SIGN, clocks.HANDLE):
        ladders.follow(db, work.case, task, clock, work.works, now=now)
    for row in due_rows.ahead(db, work.case, clocks.WARNINGS, now=now, task=task):
        before, moment = row.fire_at, _warns_at(work, task, node, row)
        if moment is not None and moment != before:
            # What should have warned already warns at once.
            row.fire_at = max(moment, now)
            if task.warn_at == before:
                task.warn_at = moment


def _warns_at(work: CaseWork, task: Task, node: Node | None, row: Due) -> datetime | None:
    """Return when a warning comes by the calendar; None of a clock that does not run."""
    if row.kind == "sign_warn":
        if task.sign_due_at is None:
            return None
        came, calendar = clocks.came_at(task), work.works.of(task)
        return warn_at(came, task.sign_due_at, None, calendar)
    if task.started_at is None or task.due_at is None:
        return None
    found, turn = clocks.warnings(task, node, work.works), int(row.mark or 0)
    return found[turn] if turn < len(found) else None


def follow(db: Session, work: CaseWork, tasks: list[Task]) -> int:
    """Move all of it to where the calendar has it now; return how much has moved."""
    rows = due_rows.ahead(db, work.case, ("resume", co_handlers.KIND, TIMER), now=work.now)
    by_id = {task.id: task for task in tasks}
    moved = sum(_row(db, work, by_id.get(row.task_id or 0), row) for row in rows)
    return moved + sum(_demand(db, work, one) for one in open_demands(db, work))


def open_demands(db: Session, work: CaseWork) -> list[Demand]:
    """Return the orders and calls of a case that nobody has answered."""
    mine = (Demand.case_id == work.case.id, Demand.county_id == work.case.county_id)
    waits = (Demand.closed_at.is_(None), Demand.answered_at.is_(None))
    return list(db.scalars(select(Demand).where(*mine, *waits).order_by(Demand.id)))


def _row(db: Session, work: CaseWork, task: Task | None, row: Due) -> bool:
    if row.kind == TIMER:
        return _timer(db, work, row)
    if task is None:
        return False
    return _pause(db, work, task, row) if row.kind == "resume" else _help(db, work, task, row)


def _timer(db: Session, work: CaseWork, row: Due) -> bool:
    if "limit" not in row.data:
        return False
    since = datetime.fromisoformat(row.data["since"])
    until = _end(since, Limit(*row.data["limit"]), work.works.calendar, work.now)
    return _moves(db, work, row, until, TIMER, node=row.data["node"])


def _pause(db: Session, work: CaseWork, task: Task, row: Due) -> bool:
    running = select(Pause).where(Pause.task_id == task.id, Pause.until_at.is_(None))
    pause = db.scalars(running).one_or_none()
    if pause is None or "limit" not in row.data:
        return False
    limit = Limit(*row.data["limit"])
    until = _end(pause.from_at, limit, work.works.of(task), work.now)
    pause.limit_at = until
    return _moves(db, work, row, until, PAUSE, task=task, name=task.name)


def _help(db: Session, work: CaseWork, task: Task, row: Due) -> bool:
    helper = db.get_one(Participation, int(row.mark))
    limit = Limit(helper.limit_amount, helper.limit_unit)
    until = _end(helper.asked_at, limit, work.works.calendar, work.now)
    helper.due_at = until
    named: dict[str, Any] = {"helper": helper.unit_id, "helper_name": helper.unit.name}
    return _moves(db, work, row, until, HELP, task=task, name=task.name, **named)


def _demand(db: Session, work: CaseWork, demand: Demand) -> bool:
    before = demand.due_at
    if before > work.now:
        limit = Limit(demand.limit_amount, demand.limit_unit)
        calendar = work.works.almanac.of(demand.unit_id, demand.unit)
        demand.due_at = _end(demand.begun_at, limit, calendar, work.now)
    demand_ladder.follow(db, work, demand, moved=demand.due_at != before)
    if demand.due_at == before:
        return False
    _record(db, work, NOTICE, before, demand.due_at, number=demand.number)
    return True


def _end(since: datetime, limit: Limit, calendar: Calendar, now: datetime) -> datetime:
    return max(deadline(since, limit, calendar), now)


def _moves(db: Session, work: CaseWork, row: Due, until: datetime, clock: str, **more: Any) -> bool:
    before = row.fire_at
    if before == until:
        return False
    row.fire_at = until
    _record(db, work, clock, before, until, **more)
    return True


def _record(
    db: Session, work: CaseWork, clock: str, before: datetime, until: datetime, **more: Any
) -> None:
    more |= {"was": before.isoformat(), "until": until.isoformat()}
    work.record(db, KIND, automatic=True, clock=clock, reason=REASON, **more)
