"""Mending what stands still: try again, set a variable, put the token elsewhere, leave out.

Each locks the case, asks for the role, and is on record; an incident is closed when the step
that failed has gone well, or has become needless.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

import feel
from engine import bpmn
from engine.access.actors import Actor
from engine.bpmn.expressions import unfit
from engine.casework import incidents, steps
from engine.casework.case_lock import begin, lock_case
from engine.casework.case_work import CaseWork, context_of, engine_faults
from engine.definitions import route
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.models import Due, IncidentRow, Task
from engine.notices import outbox
from engine.records import vault
from engine.worker import firing
from feel.text import Text

AGAIN = Text(
    "此前提交未成功的环节已可再试，请重新提交。",
    "What could not be submitted can be tried again; please submit it once more.",
)
NO_VARIABLE = Text("流程没有用到这个变量。", "The process uses no such variable.")
NO_REASON = Text("请填写原因。", "Please give the reason.")
NO_TARGET = Text("请选择流程中的环节。", "Choose a step of the process.")


@dataclass(frozen=True)
class IncidentRepair:
    """An incident in hand, its case locked."""

    work: CaseWork
    row: IncidentRow
    due: Due | None


def retry(db: Session, actor: Actor, incident_id: int, *, now: datetime) -> bool:
    """Retry the failed step; postponed due rows are due now.

    A moment of the due table is fired here and now: returns True, or raises Incident again.
    What a person had submitted only that person can submit: they are notified, returns False.
    """
    mending = _begin(db, actor, incident_id, incidents.RETRY, now)
    work, row = mending.work, mending.row
    work.record(db, "incident.retried", element=row.element)
    due_now(db, work)
    if mending.due is not None:
        db.flush()
        firing.fire(db, mending.due.id, now)
        return True
    _tell_submitter(db, work, row)
    return False


def set_variable(
    db: Session, actor: Actor, incident_id: int, name: str, value: str, *, now: datetime
) -> None:
    """Set a variable of the case to a FEEL value, and let what failed be tried again.

    Raises InvalidInput for a name that the process does not use or a value that is not one.
    """
    mending = _begin(db, actor, incident_id, incidents.REPAIR, now)
    work = mending.work
    definition = work.version.definition
    if name not in definition.variables:
        raise InvalidInput({"name": NO_VARIABLE})
    try:
        meant = feel.to_json(feel.compile_expression(value).evaluate({}))
    except feel.FeelError as error:
        raise InvalidInput({"value": error.text}) from error
    if wrong := unfit({name: meant}, definition.readers):
        raise InvalidInput({"value": wrong[name]})
    with engine_faults(work):
        changed = bpmn.set_variables(definition, work.state.state, None, {name: meant})
    work.state.prior, work.state.state = work.state.state, changed
    _record(db, mending, {name: meant}, how="variable", name=name)
    due_now(db, work)


def move(
    db: Session,
    actor: Actor,
    incident_id: int,
    target: str,
    reason: str,
    *,
    now: datetime,
    task_id: int | None = None,
) -> None:
    """Put the token of an open task, or of the timer that failed, on another step.

    Raises InvalidInput without a reason or for a step that the process does not have.
    """
    mending = _begin(db, actor, incident_id, incidents.REPAIR, now, task_id)
    work = mending.work
    if not reason.strip():
        raise InvalidInput({"reason": NO_REASON})
    if work.version.node(target) is None:
        raise InvalidInput({"target": NO_TARGET})
    _move(db, mending, target, reason, "moved")


def leave_out(db: Session, actor: Actor, incident_id: int, reason: str, *, now: datetime) -> None:
    """Skip the failed timer: continue after the element, or cancel it.

    A token that waits at an intermediate event goes on behind the element that failed; a
    reminder beside a task is cancelled. Raises Conflict where leaving out makes no sense.
    """
    mending = _begin(db, actor, incident_id, incidents.REPAIR, now)
    work, due = mending.work, mending.due
    if not reason.strip():
        raise InvalidInput({"reason": NO_REASON})
    if due is None or due.kind != "timer":
        raise Conflict(incident_id)
    waiting = work.version.node(str(due.data.get("node", "")))
    if waiting is not None and waiting.kind == "intermediateCatchEvent":
        ways = route.of_version(db, work.case.version_id).flows.get(mending.row.element, ())
        if len(ways) != 1:
            raise Conflict(incident_id)
        _move(db, mending, ways[0].target, reason, "left out")
        return
    _record(db, mending, {"reason": reason}, how="left out", node=waiting.id if waiting else "")
    db.execute(delete(Due).where(Due.id == due.id))
    incidents.solve(db, work, mending.row)


def due_now(db: Session, work: CaseWork) -> None:
    """What was put off because it failed is due now; the next sweep fires it."""
    mine = select(Due).where(
        Due.case_id == work.case.id, Due.county_id == work.case.county_id, Due.failures > 0
    )
    for due in db.scalars(mine):
        due.fire_at, due.failures = work.now, 0


def _begin(
    db: Session,
    actor: Actor,
    incident_id: int,
    roles: frozenset[str],
    now: datetime,
    task_id: int | None = None,
) -> IncidentRepair:
    of_incident = select(IncidentRow.case_id).where(IncidentRow.id == incident_id)
    case = lock_case(db, of_incident.scalar_subquery())
    if case is None:
        raise NotFound(incident_id)
    work = begin(db, case, actor, "incident", now=now, task_id=task_id)
    row, _case = incidents.find(db, incident_id)
    work.seat = incidents.require(db, actor, roles, case)
    due_id = row.data.get("due_id")
    return IncidentRepair(work, row, db.get(Due, int(due_id)) if due_id else None)


def _move(db: Session, mending: IncidentRepair, target: str, reason: str, how: str) -> None:
    work, task = mending.work, mending.work.task
    token = task.engine_id if task is not None else _timer_token(mending)
    with engine_faults(work):
        step = bpmn.move_token(
            work.version.definition, work.state.state, token, target, context_of(work)
        )
    origin = task.node_id if task is not None else mending.row.element
    _record(db, mending, {"reason": reason}, how=how, node=origin, to=target)
    if task is not None:
        steps.close_task(db, work, task, "moved")
    steps.apply_step(db, work, step, near=task)
    if mending.row.solved_at is None:
        incidents.solve(db, work, mending.row)
    due_now(db, work)


def _timer_token(mending: IncidentRepair) -> str:
    due = mending.due
    if due is None or due.kind != "timer":
        raise NotAllowed("move", mending.row.id)
    return due.mark


def _record(db: Session, mending: IncidentRepair, kept: dict[str, object], **data: Any) -> None:
    """On record with the names; the value itself, or the reason, lies in the vault."""
    work, row = mending.work, mending.row
    node_id = f"{row.element or 'case'}:repair"[:120]
    receipt = vault.keep(db, work.case, work.task, node_id, kept, at=work.now).digest
    work.record(
        db, "incident.repaired", task=work.task, element=row.element, receipt=receipt, **data
    )


def _tell_submitter(db: Session, work: CaseWork, row: IncidentRow) -> None:
    """Whoever could not submit is notified that it is worth another try."""
    user_id = row.data.get("by")
    task_id = row.data.get("task_id")
    if not user_id:
        return
    outbox.put(
        db,
        work.case,
        "diagram.note",
        cause=f"incident:{row.id}:{row.times}:{work.now.isoformat()}",
        now=work.now,
        user_id=int(user_id),
        task=db.get(Task, int(task_id)) if task_id else None,
        text=AGAIN.zh,
        text_en=AGAIN.en,
    )
