"""Due rows against the clocks that run: each moment has its row, and each row its clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from engine.operations.doctor.findings import Discrepancy
from engine.operations.doctor.records import CaseRecord
from engine.timing import clocks, due_rows
from feel.text import Text

CHECK = "clocks"
# After these, moments that lay in the past then have no row and never fired.
STRUCK = ("case.imported", "task.recalled", "task.put_back", "case.reopened")
OF_TASK = frozenset({*clocks.SIGN_KINDS, *clocks.HANDLE_KINDS, "co_due"})


def examine(record: CaseRecord, now: datetime, *, rearming: bool = False) -> Iterator[Discrepancy]:
    """Check every moment of one case; while ``rearming`` a recalculation, ladders may lack."""
    if record.case.closed_at is not None:
        for row in _ahead(record, now):
            text = Text("已办结事项仍有时限", "a closed case still has a moment to come")
            yield Discrepancy(CHECK, "left", text, record.case.id, row.id)
        return
    yield from _left_over(record, now)
    for task in record.open.values():
        yield from _of_task(record, task, now)
        if not rearming:
            yield from _goes_on(record, task)
    yield from _citizen(record)
    yield from _helpers(record)


def _ahead(record: CaseRecord, now: datetime) -> Iterator[Any]:
    """Yield moments to come.

    What has come due waits for the worker, whatever became of its clock; what a unit was called
    to answer outlives the case.
    """
    for row in record.due:
        late = row.kind in due_rows.BINDING and row.fire_at <= now
        if not late and row.kind not in due_rows.DEMANDS:
            yield row


def _left_over(record: CaseRecord, now: datetime) -> Iterator[Discrepancy]:
    """Yield rows of tasks that are done, or of a clock that does not run."""
    for row in _ahead(record, now):
        task = record.open.get(row.task_id) if row.task_id is not None else None
        clock = row.mark.partition(":")[0] if row.kind == "rung" else ""
        of_task = row.kind in OF_TASK or clock in (clocks.SIGN, clocks.HANDLE)
        if of_task and task is None:
            text = Text("时限所属的环节已办结", "a moment belongs to a task that is done")
            yield Discrepancy(CHECK, "left", text, record.case.id, row.id)
        elif task is not None and _stands_still(row.kind, clock, task):
            text = Text(
                f"环节“{task.name}”没有在走这个时限（{row.kind}）",
                f"the task “{task.name}” does not run this clock ({row.kind})",
            )
            yield Discrepancy(CHECK, "not-running", text, record.case.id, row.id)


def _stands_still(kind: str, clock: str, task: Any) -> bool:
    if kind in clocks.SIGN_KINDS or clock == clocks.SIGN:
        limited = task.sign_due_at is not None or task.queue_empty_since is not None
        return task.assignee_id is not None or not limited
    if kind == "resume":
        return task.paused_at is None
    if kind in clocks.HANDLE_KINDS or clock == clocks.HANDLE:
        return task.paused_at is not None or task.due_at is None
    return False


def _of_task(record: CaseRecord, task: Any, now: datetime) -> Iterator[Discrepancy]:
    """Yield the moments that an open task must have."""
    if task.started_at is None and task.sign_due_at is None:
        text = Text(f"环节“{task.name}”没有在走的时限", f"the task “{task.name}” runs no clock")
        yield Discrepancy(CHECK, "none", text, record.case.id, task.id)
    if task.started_at is None and task.sign_due_at is not None:
        yield from _moment(record, task, "sign_due", task.sign_due_at, clocks.SIGN)
    if task.paused_at is not None:
        pause = next((one for one in record.pauses if _runs(one, task)), None)
        if pause is None:
            text = Text(f"环节“{task.name}”的暂停没有台账", "a pause is missing from the ledger")
            yield Discrepancy(CHECK, "pause", text, record.case.id, task.id)
        else:
            yield from _moment(record, task, "resume", pause.limit_at)
    elif task.started_at is not None and task.due_at is not None:
        yield from _moment(record, task, "due", task.due_at, clocks.HANDLE)
        if task.deadline_at == task.due_at and task.warn_at is not None and task.warn_at > now:
            yield from _moment(record, task, "warn", task.warn_at)
    if task.started_at is not None and task.limit_amount is not None and task.due_at is None:
        text = Text(f"环节“{task.name}”有时限而没有截止时间", f"“{task.name}” has no deadline")
        yield Discrepancy(CHECK, "none", text, record.case.id, task.id)


def _goes_on(record: CaseRecord, task: Any) -> Iterator[Discrepancy]:
    """However late an open task gets, something is still to fire."""
    clock = clocks.SIGN if clocks.is_signing(task) and task.sign_due_at else clocks.HANDLE
    if task.paused_at is not None or (clock == clocks.HANDLE and task.due_at is None):
        return
    rounds = (row for row in record.due if row.task_id == task.id and "again" in row.data)
    if not any(row.data["clock"] == clock for row in rounds):
        text = Text(
            f"环节“{task.name}”之后不会再升级（{clock}）",
            f"no rung is to come for the task “{task.name}” ({clock})",
        )
        yield Discrepancy(CHECK, "silent", text, record.case.id, task.id)


def _runs(pause: Any, task: Any) -> bool:
    return pause.task_id == task.id and pause.until_at is None


def _moment(
    record: CaseRecord, task: Any | None, kind: str, at: datetime, clock: str = ""
) -> Iterator[Discrepancy]:
    """Yield one moment: its row is there at that time, or it fired, or it was cancelled."""
    task_id = task.id if task is not None else None
    # A late moment of a deadline that has since moved is marked so.
    own = (one for one in record.due if (one.kind, one.task_id, one.mark) == (kind, task_id, ""))
    row = next(own, None)
    name = task.name if task is not None else ""
    if row is None and not _accounted_for(record, task_id, at, clock):
        text = Text(
            f"“{name}”的时限 {at:%Y-%m-%d %H:%M}（{kind}）没有到期行",
            f"the moment {at:%Y-%m-%d %H:%M} UTC ({kind}) of “{name}” has no due row",
        )
        yield Discrepancy(CHECK, "lost", text, record.case.id, task_id)
    # A firing that failed is put off.
    if row is not None and row.failures == 0 and row.fire_at != at:
        text = Text(
            f"到期行的时间与“{name}”的时限不符（{kind}）",
            f"a due row is not at the moment of its clock ({kind}) of “{name}”",
        )
        yield Discrepancy(CHECK, "moved", text, record.case.id, row.id)


def _accounted_for(record: CaseRecord, task_id: int | None, at: datetime, clock: str) -> bool:
    for event in record.events:
        if event.kind in STRUCK and at <= event.at:
            return True
        if event.kind != "clock.expired" or event.task_id != task_id:
            continue
        if clock and record.data(event).get("clock") == clock:
            return True
    return False


def _citizen(record: CaseRecord) -> Iterator[Discrepancy]:
    if record.case.due_at is not None and record.case.answered_at is None:
        yield from _moment(record, None, "citizen_due", record.case.due_at, clocks.CITIZEN)


def _helpers(record: CaseRecord) -> Iterator[Discrepancy]:
    """Each unit that helps has its own moment until it answers or is late."""
    marks = {row.mark for row in record.due if row.kind == "co_due"}
    late = {
        (event.task_id, record.data(event).get("helper"))
        for event in record.of_kind("help.overdue")
    }
    for helper in record.helpers:
        waits = helper.done_at is None and (helper.task_id, helper.unit_id) not in late
        struck = any(helper.due_at <= event.at for event in record.of_kind(*STRUCK))
        if waits and not struck and str(helper.id) not in marks:
            text = Text("协办的时限没有到期行", "a helping unit's moment has no due row")
            yield Discrepancy(CHECK, "lost", text, record.case.id, helper.id)
