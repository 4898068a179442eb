"""Steps that come back: what each unit has used of their clocks, over all moves of a case.

Asked only where something ended otherwise than by being completed: other cases pay nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.casework.case_work import CaseWork
from engine.models import Extension, Pause, Task, new_id
from engine.storage import pending_rows
from engine.timing import clock_adjustments, clocks, used_time
from engine.timing.used_time import COMPLETED, MOVED, CarriedTime, UnitSpan
from engine.worktime import Limit

PASSED_ON = "passed"
HELD = "held"
# A case that goes round and round: what was used last holds all that was used before it.
MOST = 200
Stops = list[tuple[datetime, datetime]]


def bring(db: Session, work: CaseWork, task: Task) -> None:
    """Note on a task that opens what its unit has used of the step before."""
    if not work.state.turned or work.begins_anew:
        return
    sent_back = any(one.outcome == MOVED for one in work.closed_tasks)
    spans = _spans(db, work, task)
    found = used_time.carried(spans, task.node_id, task.unit_id, sent_back=sent_back)
    if found.handle is not None:
        found = replace(found, extension=_extended(db, work, task))
    task.carried = found.as_data()


def leave(db: Session, work: CaseWork, task: Task) -> None:
    """Keep what a unit has used of a task that it passes on."""
    work.state.turned = True
    used = _runs(work, task, work.now, _pauses(db, [task.id]).get(task.id, []))
    span = {
        **used.as_data(),
        "left": work.now.isoformat(),
        "from": clocks.came_at(task).isoformat(),
    }
    kept = dict(task.carried or {})
    task.carried = {**kept, HELD: {**kept.get(HELD, {}), str(task.unit_id): span}}


def arrive(db: Session, work: CaseWork, task: Task) -> None:
    """Note on a task that was passed on what its new unit has used of the step before.

    A handling clock that runs goes on: it is the task's, whoever has it.
    """
    kept = dict(task.carried or {})
    spans = _spans(db, work, task)
    found = used_time.carried(spans, task.node_id, task.unit_id)
    running = CarriedTime.of_data(kept).handle if task.started_at is not None else found.handle
    brought = CarriedTime(found.sign, running, work.now)
    task.carried = {**brought.as_data(), HELD: kept.get(HELD, {})}


def _spans(db: Session, work: CaseWork, task: Task) -> list[UnitSpan]:
    """Return the case's ended steps, unit by unit, since it was last reopened."""
    ended = {one.id: one for one in _ended(db, work)}
    ended |= {one.id: one for one in work.closed_tasks}
    mine = [one for one in ended.values() if one.node_id == task.node_id]
    pauses = _pauses(db, [one.id for one in mine]) if mine else {}
    spans = [_span(work, one, pauses.get(one.id, [])) for one in ended.values()]
    for one in (*ended.values(), task):
        spans += _passed_on(one)
    since = _reopened(work)
    return [span for span in spans if since is None or span.left_at > since]


def _extended(db: Session, work: CaseWork, task: Task) -> Limit | None:
    """Return what the clock that goes on was extended by; what was decided then is decided.

    The task that opens gets the decision as its own: more is not asked for once again.
    """
    since = _reopened(work)
    before = (Task.node_id == task.node_id, Task.unit_id == task.unit_id)
    decided = (
        select(Extension)
        .join(Task, Task.id == Extension.task_id)
        .where(Task.case_id == work.case.id, Task.county_id == work.case.county_id, *before)
        .where(Extension.decided_at.is_not(None), *([Task.done_at > since] if since else []))
        .order_by(Extension.decided_at.desc(), Extension.id.desc())
    )
    row = db.scalars(decided.limit(1)).first()
    if row is None:
        return None
    kept = {column.key: getattr(row, column.key) for column in Extension.__table__.columns}
    pending_rows.add(db, Extension(**{**kept, "id": new_id(), "task_id": task.id}))
    return Limit(row.amount, row.unit or clock_adjustments.DEFAULT_UNIT) if row.granted else None


def _reopened(work: CaseWork) -> datetime | None:
    """Return when the case was last reopened: what was before is over."""
    return max(
        (datetime.fromisoformat(one["until"]) for one in work.case.answers or ()), default=None
    )


def _ended(db: Session, work: CaseWork) -> Iterable[Task]:
    of_case = (Task.case_id == work.case.id, Task.county_id == work.case.county_id)
    newest = select(Task).where(*of_case, Task.done_at.is_not(None))
    return db.scalars(newest.order_by(Task.done_at.desc(), Task.id.desc()).limit(MOST))


def _pauses(db: Session, task_ids: list[int]) -> dict[int, Stops]:
    found: dict[int, Stops] = {}
    rows = select(Pause.task_id, Pause.from_at, Pause.until_at).where(Pause.task_id.in_(task_ids))
    for task_id, begins, ends in db.execute(rows):
        if ends is not None:
            found.setdefault(task_id, []).append((begins, ends))
    return found


def _span(work: CaseWork, task: Task, pauses: Stops) -> UnitSpan:
    assert task.done_at is not None
    used = _runs(work, task, task.done_at, pauses)
    how = task.outcome or COMPLETED
    came = clocks.came_at(task)
    return UnitSpan(task.node_id, task.unit_id, came, task.done_at, how, used.sign, used.handle)


def _passed_on(task: Task) -> list[UnitSpan]:
    """Return the spans of a task in units that passed it on."""
    found = []
    for unit_id, data in (task.carried or {}).get(HELD, {}).items():
        used = CarriedTime.of_data(data)
        begun, left = (datetime.fromisoformat(data[end]) for end in ("from", "left"))
        found.append(
            UnitSpan(task.node_id, int(unit_id), begun, left, PASSED_ON, used.sign, used.handle)
        )
    return found


def _runs(work: CaseWork, task: Task, until: datetime, pauses: Stops) -> CarriedTime:
    """Return how far the clocks of a task have run in the unit that has it."""
    kept, calendar, came = (
        CarriedTime.of_data(task.carried),
        work.works.of(task),
        clocks.came_at(task),
    )
    sign, handle = kept.sign, kept.handle
    if task.sign_due_at is not None:
        sign = used_time.run_on(kept.sign, came, _signed(task, came) or until, (), calendar)
    if task.started_at is not None and task.limit_amount is not None:
        handle = used_time.run_on(kept.handle, task.started_at, until, pauses, calendar)
    return CarriedTime(sign, handle)


def _signed(task: Task, came: datetime) -> datetime | None:
    """Return when the unit first signed: handling began then, or, of one that was late, before."""
    started, due = task.started_at, task.sign_due_at
    if started is not None and due is not None and came <= started < due:
        return started
    return task.signed_at
