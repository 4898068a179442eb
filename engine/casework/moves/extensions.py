"""Extension (延期): asked before a handling clock runs out, decided by the leader, once a task."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.casework.case_work import CaseWork
from engine.casework.moves import reassignment
from engine.casework.moves.rules import NEVER_STOPS, RUNS_ON, MoveRule, begin_move, keep_reason
from engine.errors import Conflict, DomainError, InvalidInput
from engine.models import Extension, Task
from engine.notices import outbox
from engine.timing import clock_adjustments, clocks, limits
from engine.worktime import Limit
from feel.text import Text

NO_CLOCK = Text("本环节没有在走的办理时限。", "No handling clock of this task is running.")
BY_LAW = Text("这是法定期限，不能延长。", "This limit is the law's own and cannot be extended.")
OVERDUE = Text("延期须在到期前申请。", "An extension is asked for before expiry.")
SUSPENDED = Text("暂停期间不能申请延期。", "No extension can be asked for while suspended.")
ONCE = Text("每个环节只能申请一次延期。", "An extension can be asked for once a task.")
NOTHING_ASKED = Text("没有待审批的延期申请。", "No extension waits for a decision.")
OWN = Text("不能审批自己的申请。", "Nobody decides on their own request.")


def ask(
    db: Session, actor: Actor, task_id: int, amount: int, reason: str, *, now: datetime
) -> Extension:
    """Ask for more time, in units of the task's limit and at most as much again.

    Raises NotFound, NotAllowed, InvalidInput, Conflict when it is too late or was asked before.
    """
    work, task = begin_move(db, actor, task_id, ASK, now=now)
    assert task.due_at is not None and task.limit_amount is not None
    if not 1 <= amount <= task.limit_amount:
        raise InvalidInput({"amount": _too_much(task.limit_amount)})
    receipt = keep_reason(db, work, ASK, reason)
    row = Extension(
        county_id=work.case.county_id,
        case_id=work.case.id,
        task_id=task.id,
        amount=amount,
        unit=task.limit_unit,
        due_before=task.due_at,
        asked_at=now,
        asked_by=actor.user_id,
    )
    db.add(row)
    _record(db, work, task, "extension.asked", amount=amount, receipt=receipt)
    reassignment.ask_above(db, work, task, "extension.asked", cause=f"extension.asked:{task.id}")
    return row


def decide(
    db: Session, actor: Actor, task_id: int, granted: bool, reason: str, *, now: datetime
) -> Extension:
    """Grant or refuse what was asked for; granted, the limit counts from when handling began.

    Raises NotFound, NotAllowed, InvalidInput, Conflict when nothing waits or it is one's own.
    """
    work, task = begin_move(db, actor, task_id, DECIDE, now=now)
    row = _of_task(db, task)
    assert row is not None
    receipt = keep_reason(db, work, DECIDE, reason)
    row.granted, row.decided_at, row.decided_by = granted, now, actor.user_id
    _record(
        db, work, task, "extension.decided", amount=row.amount, granted=granted, receipt=receipt
    )
    if granted:
        _lengthen(db, work, task, row)
    key = "extension.granted" if granted else "extension.refused"
    outbox.put(
        db,
        work.case,
        key,
        cause=f"{key}:{row.id}",
        now=now,
        user_id=row.asked_by,
        task=task,
        step=task.name,
        step_en=task.name_en,
    )
    return row


def pending(db: Session, task: Task) -> Extension | None:
    """Return what waits for a decision on a task, if anything does."""
    row = _of_task(db, task)
    return row if row is not None and row.decided_at is None else None


def _lengthen(db: Session, work: CaseWork, task: Task, row: Extension) -> None:
    node = work.version.node(task.node_id)
    granted = Limit(row.amount, row.unit or "working_days")
    clocks.set_limit(task, work.works.limit(work.case, task, node), granted)
    if task.paused_at is not None:
        # The clock is armed with the longer limit when the pause ends.
        return
    spans = clock_adjustments.spans(db, task)
    clocks.rearm(db, work.case, task, node, work.works, since=work.now, now=work.now, pauses=spans)


def _of_task(db: Session, task: Task) -> Extension | None:
    return db.scalar(select(Extension).where(Extension.task_id == task.id))


def _record(db: Session, work: CaseWork, task: Task, kind: str, **data: Any) -> None:
    work.record(db, kind, task=task, name=task.name, **data)


def _too_much(most: int) -> Text:
    return Text(f"延期应为 1 到 {most}。", f"The extension is 1 to {most}.")


def _refuse_ask(db: Session, work: CaseWork) -> DomainError | None:
    task = work.task
    assert task is not None
    if task.paused_at is not None:
        return Conflict(task.id, text=SUSPENDED)
    if task.due_at is None or not task.limit_amount:
        return Conflict(task.id, text=NO_CLOCK)
    if task.limit_source == limits.LAW:
        return Conflict(task.id, text=BY_LAW)
    if task.due_at <= work.now:
        return Conflict(task.id, text=OVERDUE)
    return Conflict(task.id, text=ONCE) if _of_task(db, task) is not None else None


def _refuse_decide(db: Session, work: CaseWork) -> DomainError | None:
    assert work.task is not None and work.actor is not None
    row = pending(db, work.task)
    if row is None:
        return Conflict(work.task.id, text=NOTHING_ASKED)
    if work.actor.user_id == row.asked_by:
        return Conflict(work.task.id, text=OWN)
    return None


ASK = MoveRule(
    key="extend",
    name=Text("申请延期", "Request extension"),
    of="task",
    who=Text("签收人", "who signed for it"),
    when=Text(
        "办理时限到期之前，未暂停；每个环节一次，最多再加一倍",
        "before the handling limit expires, not suspended; once a task, at most as much again",
    ),
    sign=Text("已结束，不受影响", "has ended, not affected"),
    handle=Text("批准之前照常计算", "runs on until it is granted"),
    citizen=NEVER_STOPS,
    refusal=_refuse_ask,
)
DECIDE = MoveRule(
    key="decide",
    name=Text("审批延期", "Decide on extension"),
    of="task",
    who=Text("本单位或辖区上级的负责人、网格长", "a leader or grid leader of the unit or above it"),
    when=Text(
        "有待审批的申请，且不是自己提的", "a request waits for a decision and is not one's own"
    ),
    sign=RUNS_ON,
    handle=Text(
        "批准的，从开始办理时起按加长的时限重新计算；不批准的，照常计算",
        "approved: recalculated from its start with the longer limit; refused: keeps running",
    ),
    citizen=NEVER_STOPS,
    refusal=_refuse_decide,
)
