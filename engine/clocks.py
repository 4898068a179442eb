"""Deadlines as rows in the due table: the sign-for and handling clock of a task, the
citizen's clock of a case, and the engine's timers. Every future moment is one row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_
from sqlalchemy.orm import Session

from engine import rows
from engine.bpmn import OpenTask, Timer
from engine.bpmn.nodes import CASE_LIMIT, Node
from engine.models import Case, Due, Task
from engine.rungs import RungTable
from engine.worktime import Calendar, Limit, after, deadline, warn_at

SIGN, HANDLE, CITIZEN = "sign", "handle", "citizen"
# Kinds of due rows that belong to signing; they go when somebody signs.
SIGN_KINDS = ("sign_warn", "sign_due")
HANDLE_KINDS = ("warn", "due", "resume")
Pause = tuple[datetime, datetime]


@dataclass(frozen=True)
class Clockwork:
    """What deadlines are reckoned with: the calendar and the escalation table in force."""

    calendar: Calendar
    rungs: RungTable


def start_task(
    db: Session, case: Case, task: Task, opened: OpenTask, node: Node | None, works: Clockwork
) -> None:
    """Arm the clocks of a task that has just opened.

    With a sign-for limit the sign clock runs first; without one, handling starts at once.
    """
    if opened.limit is not None:
        task.limit_amount, task.limit_unit = opened.limit, opened.limit_unit or "working_days"
        task.limit_source = "triage" if node and node.limit == CASE_LIMIT else "task"
    if opened.sign_limit is None:
        start_handling(db, case, task, node, works, at=task.opened_at)
        return
    sign = Limit(opened.sign_limit, opened.sign_limit_unit or "working_days")
    task.sign_due_at = deadline(task.opened_at, sign, works.calendar)
    _run_signing(db, case, task, works)


def start_handling(
    db: Session, case: Case, task: Task, node: Node | None, works: Clockwork, *, at: datetime
) -> None:
    """Start the handling clock at ``at``: at signing, or when the sign-for limit ran out."""
    task.started_at = at
    if task.limit_amount is None or task.limit_unit is None:
        task.deadline_at = task.sign_due_at if task.assignee_id is None else None
        task.warn_at = None
        return
    _run_handling(db, case, task, node, works)


def rearm(
    db: Session,
    case: Case,
    task: Task,
    node: Node | None,
    works: Clockwork,
    *,
    since: datetime,
    pauses: Iterable[Pause] = (),
) -> None:
    """Write the clocks of a task anew from when they started: nothing elapsed is lost.

    Rows at or before ``since`` are left out: they fired when it was their time, each once.
    """
    stop(db, case, [task.id], kinds=HANDLE_KINDS, rungs_of=HANDLE)
    signing = task.assignee_id is None and task.deadline_at != task.due_at
    if signing and task.sign_due_at is not None:
        stop(db, case, [task.id], kinds=SIGN_KINDS, rungs_of=SIGN)
        _run_signing(db, case, task, works, since=since)
    if task.limit_amount is not None and task.started_at is not None:
        _run_handling(db, case, task, node, works, since=since, pauses=pauses)


def hold(db: Session, case: Case, task: Task, *, until: datetime) -> None:
    """Let the handling clock of a task stand still, and go on by itself at ``until``."""
    stop(db, case, [task.id], kinds=HANDLE_KINDS, rungs_of=HANDLE)
    task.deadline_at = task.warn_at = None
    _row(db, case, task, "resume", until)


def _run_handling(
    db: Session,
    case: Case,
    task: Task,
    node: Node | None,
    works: Clockwork,
    *,
    since: datetime | None = None,
    pauses: Iterable[Pause] = (),
) -> None:
    assert task.started_at is not None
    limit = Limit(task.limit_amount or 0, task.limit_unit or "hours")
    # A task that was signed for and given back shows the handling clock in its queue, too.
    shown = task.due_at is not None and task.deadline_at == task.due_at
    task.due_at = deadline(task.started_at, limit, works.calendar, pauses=pauses)
    warn = Limit(node.warn, limit.unit) if node is not None and node.warn is not None else None
    yellow = warn_at(task.started_at, task.due_at, warn, works.calendar)
    if shown or task.assignee_id is not None or task.sign_due_at is None:
        task.deadline_at, task.warn_at = task.due_at, yellow
    _row(db, case, task, "warn", yellow, since=since)
    _row(db, case, task, "due", task.due_at, since=since)
    _arm_rungs(db, case, task, HANDLE, task.due_at, works, since=since)


def _run_signing(
    db: Session, case: Case, task: Task, works: Clockwork, *, since: datetime | None = None
) -> None:
    assert task.sign_due_at is not None
    task.deadline_at = task.sign_due_at
    task.warn_at = warn_at(task.opened_at, task.sign_due_at, None, works.calendar)
    _row(db, case, task, "sign_warn", task.warn_at, since=since)
    _row(db, case, task, "sign_due", task.sign_due_at, since=since)
    _arm_rungs(db, case, task, SIGN, task.sign_due_at, works, since=since)


def sign(
    db: Session, case: Case, task: Task, node: Node | None, works: Clockwork, *, at: datetime
) -> None:
    """Turn from the sign-for clock to the handling clock; time already lost stays lost."""
    stop(db, case, [task.id], kinds=SIGN_KINDS, rungs_of=SIGN)
    if task.started_at is None:
        start_handling(db, case, task, node, works, at=at)
    elif task.due_at is not None:
        # The limit for signing had passed: handling has been running since then.
        limit = Limit(task.limit_amount or 0, task.limit_unit or "hours")
        warn = Limit(node.warn, limit.unit) if node is not None and node.warn is not None else None
        task.deadline_at = task.due_at
        task.warn_at = warn_at(task.started_at, task.due_at, warn, works.calendar)
    else:
        task.deadline_at = task.warn_at = None


def start_citizen(db: Session, case: Case, limit: Limit | None, works: Clockwork) -> None:
    """Arm the citizen's clock, which runs from opening to answer and never stops.

    A due date that came with the case from outside stays as it was promised there.
    """
    if limit is not None and case.due_at is None:
        case.due_at = deadline(case.opened_at, limit, works.calendar)
    rearm_citizen(db, case, works)


def rearm_citizen(
    db: Session, case: Case, works: Clockwork, *, since: datetime | None = None
) -> None:
    """Write the moments of the citizen's clock, those after ``since``; what it promised stays."""
    if case.due_at is None:
        return
    _row(db, case, None, "citizen_due", case.due_at, since=since)
    _arm_rungs(db, case, None, CITIZEN, case.due_at, works, since=since)


def arm_timers(db: Session, case: Case, timers: Iterable[Timer]) -> None:
    """Write the engine's timers; a rearmed one replaces its row."""
    for timer in timers:
        data = {"node": timer.node_id, "left": timer.left}
        rows.add(db, _due(case, None, "timer", timer.fire_at, mark=timer.engine_id, data=data))


def stop(
    db: Session,
    case: Case,
    task_ids: Iterable[int] = (),
    *,
    timers: Iterable[str] = (),
    kinds: Iterable[str] = (),
    rungs_of: str | None = None,
) -> None:
    """Delete due rows in one statement: those of tasks, and the timers named.

    ``kinds`` and ``rungs_of`` restrict which rows of the tasks go; without them all go.
    """
    task_ids, timers = list(task_ids), list(timers)
    conditions: list[ColumnElement[bool]] = []
    if task_ids:
        of_tasks: ColumnElement[bool] = Due.task_id.in_(task_ids)
        if rungs_of is not None:
            of_tasks = of_tasks & or_(
                Due.kind.in_(list(kinds)), Due.mark.startswith(f"{rungs_of}:")
            )
        conditions.append(of_tasks)
    if timers:
        conditions.append((Due.kind == "timer") & Due.mark.in_(timers))
    if conditions:
        rows.settle(db, Due)
        _delete(db, case, or_(*conditions))


def stop_all(db: Session, case: Case) -> None:
    """Delete every due row of a case that has ended."""
    rows.settle(db, Due)
    _delete(db, case)


def _delete(db: Session, case: Case, *conditions: ColumnElement[bool]) -> None:
    # From the table: the ORM's own DELETE looks through the session for what it met.
    table: Any = Due.__table__
    of_case = (Due.case_id == case.id, Due.county_id == case.county_id)
    db.execute(delete(table).where(*of_case, *conditions))


def lamp(task: Task, now: datetime) -> str:
    """``red`` overdue, ``yellow`` soon due, ``green`` in time or without a limit."""
    if task.deadline_at is not None and task.deadline_at <= now:
        return "red"
    if task.warn_at is not None and task.warn_at <= now:
        return "yellow"
    return "green"


def _arm_rungs(
    db: Session,
    case: Case,
    task: Task | None,
    clock: str,
    due_at: datetime,
    works: Clockwork,
    *,
    since: datetime | None = None,
) -> None:
    rungs = works.rungs.rungs(
        process=case.process,
        step=task.node_id if task else None,
        level=task.level if task else case.level,
        category=case.category,
        priority=case.priority,
        clock=clock,
    )
    for rung in rungs:
        fire_at = after(due_at, rung.after, works.calendar) if rung.after.amount else due_at
        if since is not None and fire_at <= since:
            continue
        data = {**rung.as_data(), "clock": clock, "since": due_at.isoformat()}
        rows.add(db, _due(case, task, "rung", fire_at, mark=f"{clock}:{rung.index}", data=data))


def _row(
    db: Session,
    case: Case,
    task: Task | None,
    kind: str,
    fire_at: datetime,
    *,
    since: datetime | None = None,
) -> None:
    if since is None or fire_at > since:
        rows.add(db, _due(case, task, kind, fire_at))


def _due(
    case: Case,
    task: Task | None,
    kind: str,
    fire_at: datetime,
    *,
    mark: str = "",
    data: dict[str, Any] | None = None,
) -> Due:
    return Due(
        county_id=case.county_id,
        case_id=case.id,
        task_id=task.id if task else None,
        kind=kind,
        mark=mark,
        fire_at=fire_at,
        data=data or {},
    )


def overdue_for(task: Task, now: datetime) -> timedelta:
    """How long the running clock of a task has been over; zero while in time."""
    if task.deadline_at is None or task.deadline_at >= now:
        return timedelta(0)
    return now - task.deadline_at
