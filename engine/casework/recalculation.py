"""Open clocks recalculated when what they go by has changed: category, risk, priority, an
emergency profile, a calendar, the escalation table. What has elapsed stays elapsed.

A limit that gets shorter than what has elapsed ends at the change, not before it: nobody is
late for a rule that did not hold yet, and its ladder begins there, not with all rungs at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.casework import calendar_dependents
from engine.casework.case_work import DECIDES_RUNGS, CaseWork, process_limit
from engine.models import Case, Due, Task
from engine.timing import clock_adjustments, clocks, due_rows, ladders, promises
from engine.timing.clock_adjustments import ClockAdjustments
from engine.timing.clocks import CITIZEN, HANDLE, JUST_BEFORE, SIGN

KIND = "clock.recounted"
# Why: triage (in the case's course), a transfer, a newer version of the process, or one of the
# recalculations in the background.
TRIAGE, TRANSFER, CALENDAR, EMERGENCY, TABLE, VERSION = (
    "triage",
    "transfer",
    "calendar",
    "emergency",
    "table",
    "version",
)


# Columns of a case that may decide the limits and rungs of tasks that are open already.
DECIDING = ("category", "priority", "risk", "limit_amount", "limit_unit", "promise")


@dataclass(frozen=True)
class ClockState:
    """A task's clocks as they stood before."""

    limit: tuple[int | None, str | None, str | None]
    due_at: datetime | None
    sign_due_at: datetime | None

    @classmethod
    def of(cls, task: Task) -> ClockState:
        limit = (task.limit_amount, task.limit_unit, task.limit_source)
        return cls(limit, task.due_at, task.sign_due_at)


def recalculate(
    db: Session, work: CaseWork, reason: str, *, was: Mapping[str, str | None] | None = None
) -> int:
    """Recalculate the clocks of a locked case; return how many deadlines moved.

    ``was`` are the case's category and priority before, where they have changed: they may
    decide other rungs for deadlines that stay.
    """
    tasks = open_tasks(db, work.case)
    ledgers = clock_adjustments.of_tasks(db, tasks) if tasks else {}
    changed = sum(_task(db, work, task, ledgers[task.id], reason, was) for task in tasks)
    if reason == CALENDAR:
        changed += calendar_dependents.follow(db, work, tasks)
    return changed + _citizen(db, work, reason, was)


def recalculate_changed(db: Session, work: CaseWork) -> int:
    """Recalculate open clocks if a column that decides them is not as it was before."""
    if all(work.before[column] == getattr(work.case, column) for column in DECIDING):
        return 0
    was = {column: work.before[column] for column in DECIDES_RUNGS}
    return recalculate(db, work, TRIAGE, was=was)


def recalculate_task(db: Session, work: CaseWork, task: Task, reason: str) -> int:
    """Recalculate one task's clocks, where it alone has changed; return whether they moved."""
    return _task(db, work, task, clock_adjustments.of_tasks(db, [task])[task.id], reason, None)


def follow_promise(db: Session, work: CaseWork) -> int:
    """Recalculate the citizen's clock alone where what is promised is not as it was before."""
    changed = work.case.promise != work.before["promise"]
    return _citizen(db, work, TRIAGE, None) if changed else 0


def open_tasks(db: Session, case: Case) -> list[Task]:
    """Return the open tasks of a case; what has been done in this transaction is done."""
    rows = select(Task).where(
        Task.case_id == case.id, Task.county_id == case.county_id, Task.done_at.is_(None)
    )
    return [task for task in db.scalars(rows.order_by(Task.id)) if task.done_at is None]


def _task(
    db: Session,
    work: CaseWork,
    task: Task,
    kept: ClockAdjustments,
    reason: str,
    was: Mapping[str, str | None] | None,
) -> int:
    now, node = work.now, work.version.node(task.node_id)
    work.start_unsigned(db, task)
    if reason == TRANSFER and _is_late(task, now):
        # It stays as late as it is, whoever has it now.
        calendar_dependents.follow_task(db, work, task, node)
        return 0
    before = ClockState.of(task)
    said = _ladders(work, task, was)
    if reason == TABLE:
        task.table_id = work.works.rungs.id
    clocks.set_limit(task, work.works.limit(work.case, task, node), kept.extension)
    since = min(_signing(work, task, before), _handling(work, task, kept, before))
    moved = ClockState.of(task) != before
    same = not moved and said == _ladders(work, task, None)
    stays = reason != CALENDAR or _goes_on(db, work.case, task)
    if same and reason != TRANSFER and stays:
        # Warnings and rungs may fall on other days though the end does not move.
        if reason == CALENDAR:
            calendar_dependents.follow_task(db, work, task, node)
        return 0
    if task.paused_at is None:
        clocks.rearm(
            db, work.case, task, node, work.works, since=since, now=now, pauses=kept.pauses
        )
    if ClockState.of(task) != before:
        _record(db, work, task, before, reason)
        return 1
    return 0


def _is_late(task: Task, now: datetime) -> bool:
    return task.paused_at is None and task.due_at is not None and task.due_at <= now


def _signing(work: CaseWork, task: Task, before: ClockState) -> datetime:
    """Move the end of signing while it is still ahead; return from when on moments are new."""
    old, now = before.sign_due_at, work.now
    if task.started_at is not None or old is None or old <= now:
        return now
    limit = work.works.sign_limit(work.case, task, work.version.node(task.node_id))
    if limit is None:
        return now
    due = clocks.signing_due(work.case, task, limit, work.works)
    if clocks.is_signing(task):
        task.deadline_at = max(due, now)
    task.sign_due_at = max(due, now)
    return now if due > now else now - JUST_BEFORE


def _handling(work: CaseWork, task: Task, kept: ClockAdjustments, before: ClockState) -> datetime:
    """Find the end of handling, not before the change; return from when on moments are new."""
    now = work.now
    if task.started_at is None or task.paused_at is not None:
        return now
    if task.limit_amount is None:
        _unlimited(task)
        return now
    shown = task.due_at is not None and task.deadline_at == task.due_at
    floored = clocks.set_floor(task, work.works, kept.pauses, now=now, before=before.due_at)
    task.due_at = clocks.handling_due(task, work.works, kept.pauses)
    if shown:
        task.deadline_at = task.due_at
    return now - JUST_BEFORE if floored else now


def _unlimited(task: Task) -> None:
    """Nothing limits it any more: only a sign-for clock may still be shown."""
    task.due_at = task.floor_at = task.warn_at = None
    task.deadline_at = task.sign_due_at if task.assignee_id is None else None


def _ladders(work: CaseWork, task: Task | None, was: Mapping[str, str | None] | None) -> list[Any]:
    """Return what the table says of each clock, for the case as it is or as it was."""
    kinds = (CITIZEN,) if task is None else (SIGN, HANDLE)
    table = work.works.table(task if task is not None else work.case)
    return [
        table.rungs(**{**ladders.inputs(work.case, task, kind), **(was or {})}) for kind in kinds
    ]


def _goes_on(db: Session, case: Case, task: Task | None) -> bool:
    """Return whether the ladder that climbs has a round to come; an older release armed none.

    The ladder is that of signing while nobody has signed: handling that began meanwhile has one
    of its own, which tells nobody.
    """
    clock = CITIZEN if task is None else HANDLE
    if task is not None and clocks.is_signing(task) and task.sign_due_at is not None:
        clock = SIGN
    rounds = Due.mark.startswith(f"{clock}:again", autoescape=True)
    mine = (Due.case_id == case.id, Due.county_id == case.county_id, rounds)
    of_task = Due.task_id == task.id if task is not None else Due.task_id.is_(None)
    found = select(Due.id).where(*mine, Due.kind == "rung", of_task)
    return db.scalar(found.limit(1)) is not None


def _citizen(db: Session, work: CaseWork, reason: str, was: Mapping[str, str | None] | None) -> int:
    """The citizen's promise moves with the calendar and with what triage promises; its rungs with
    what decides them.
    """
    case, now = work.case, work.now
    if case.due_at is None or case.closed_at is not None or case.answered_at is not None:
        return 0
    before, said = case.due_at, _ladders(work, None, was)
    if reason == TABLE:
        case.table_id = work.works.rungs.id
    limit = process_limit(work)
    moves = reason == CALENDAR or case.promise != work.before["promise"]
    if moves and limit is not None and not case.due_given and before > now:
        case.due_at = max(promises.due_of(case, limit, work.works), now)
    same = case.due_at == before and said == _ladders(work, None, None)
    if same and (reason != CALENDAR or _goes_on(db, case, None)):
        if reason == CALENDAR:
            ladders.follow(db, case, None, CITIZEN, work.works, now=now)
        return 0
    due_rows.cancel_citizen(db, case, now=now)
    since = now - JUST_BEFORE if case.due_at == now else now
    promises.rearm(db, case, work.works, since=since)
    if case.due_at == before:
        return 0
    work.record(
        db,
        KIND,
        automatic=True,
        clock=CITIZEN,
        reason=reason,
        before=before.isoformat(),
        due=case.due_at.isoformat(),
    )
    return 1


def _record(db: Session, work: CaseWork, task: Task, before: ClockState, reason: str) -> None:
    work.record(
        db,
        KIND,
        automatic=True,
        task=task,
        name=task.name,
        reason=reason,
        source=(task.limit_by or {}).get("source"),
        limit=[task.limit_amount, task.limit_unit],
        before=_iso(before.due_at),
        due=_iso(task.due_at),
        sign_before=_iso(before.sign_due_at),
        sign_due=_iso(task.sign_due_at),
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
