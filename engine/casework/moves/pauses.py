"""Suspend and resume (暂停, 恢复): the handling clock stands still, for a reason, for a while.

Every pause is a line of the ledger: who, why, from when until when. It ends by itself when its
limit is reached; the citizen's clock never stops.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.casework.case_work import CaseWork
from engine.casework.moves.move_limits import move_limits
from engine.casework.moves.rules import NEVER_STOPS, MoveRule, begin_move, keep_reason
from engine.errors import Conflict, DomainError, Rejected
from engine.models import Pause, Task
from engine.notices import outbox
from engine.timing import clocks
from engine.worktime import deadline
from feel.text import Text

NO_CLOCK = Text("本环节没有在走的办理时限。", "No handling clock of this task is running.")
OVERDUE = Text("本环节已超期，不能暂停。", "This task is overdue and cannot be suspended.")
ALREADY = Text("本环节已经暂停。", "This task is suspended already.")
RUNNING = Text("本环节没有暂停。", "This task is not suspended.")
USED_UP = Text(
    "允许的暂停理由都已用过。", "Every reason that is allowed for a pause has been used."
)
NOT_ALLOWED = Text("请选择允许且未用过的理由。", "Choose a reason that is allowed and unused.")


def suspend(
    db: Session, actor: Actor, task_id: int, reason: str, note: str, *, now: datetime
) -> Pause:
    """Stop the handling clock for an allowed reason, at most for as long as it allows.

    ``reason`` is a key of the allowances, each once a task; ``note`` says it in words. Raises
    NotFound, NotAllowed, Rejected, Conflict for what cannot be suspended, TaskAlreadyDone.
    """
    work, task = begin_move(db, actor, task_id, SUSPEND, now=now)
    if reason not in reasons(db, work):
        raise Rejected({"reason": NOT_ALLOWED})
    receipt = keep_reason(db, work, SUSPEND, note)
    limit = move_limits(db).pauses[reason]
    pause = Pause(
        county_id=work.case.county_id,
        case_id=work.case.id,
        task_id=task.id,
        reason=reason,
        from_at=now,
        limit_at=deadline(now, limit, work.works.of(task)),
        by_id=actor.user_id,
    )
    db.add(pause)
    _record(db, work, task, "task.suspended", reason=reason, receipt=receipt, pause=pause)
    task.paused_at = now
    clocks.hold(db, work.case, task, until=pause.limit_at, now=now)
    return pause


def resume(db: Session, actor: Actor, task_id: int, *, now: datetime) -> Task:
    """Resume the handling clock with the time it had left.

    Raises NotFound, NotAllowed, Conflict when it is not suspended, TaskAlreadyDone.
    """
    work, task = begin_move(db, actor, task_id, RESUME, now=now)
    pause = _running(db, task)
    _record(db, work, task, "task.resumed", reason=pause.reason)
    _go_on(db, work, task, pause, at=now)
    return task


def run_out(db: Session, work: CaseWork, at: datetime) -> None:
    """End a pause whose limit was reached at ``at``; whoever has the task is told."""
    task = work.task
    if task is None or task.paused_at is None:
        return
    pause = _running(db, task)
    _record(db, work, task, "task.resumed", reason=pause.reason, by_limit=True)
    _go_on(db, work, task, pause, at=at)
    outbox.put(
        db,
        work.case,
        "task.resumed",
        cause=f"resumed:{pause.id}",
        now=work.now,
        user_id=task.assignee_id,
        task=task,
        step=task.name,
        step_en=task.name_en,
    )


def reasons(db: Session, work: CaseWork) -> list[str]:
    """Return the reasons for which this task may be suspended still, in the county's order."""
    assert work.task is not None
    used = set(db.scalars(select(Pause.reason).where(Pause.task_id == work.task.id)))
    return [reason for reason in move_limits(db).pauses if reason not in used]


def ledger(db: Session, task: Task) -> list[Pause]:
    """Return the pauses of a task, oldest first."""
    return list(
        db.scalars(select(Pause).where(Pause.task_id == task.id).order_by(Pause.from_at, Pause.id))
    )


def ended(db: Session, task: Task) -> list[clocks.Pause]:
    """Return the spans in which the handling clock of a task stood still and that are over."""
    return [(one.from_at, one.until_at) for one in ledger(db, task) if one.until_at is not None]


def _go_on(db: Session, work: CaseWork, task: Task, pause: Pause, *, at: datetime) -> None:
    pause.until_at, task.paused_at = at, None
    # The ledger is read with this pause at its end, so it must be written first.
    db.flush()
    node = work.published.node(task.node_id)
    spans = ended(db, task)
    clocks.set_floor(task, work.works, spans, now=at, before=None)
    clocks.rearm(
        db,
        work.case,
        task,
        node,
        work.works,
        since=pause.from_at,
        now=work.now,
        pauses=spans,
    )


def _running(db: Session, task: Task) -> Pause:
    return db.scalars(select(Pause).where(Pause.task_id == task.id, Pause.until_at.is_(None))).one()


def _record(
    db: Session,
    work: CaseWork,
    task: Task,
    kind: str,
    *,
    reason: str,
    receipt: str | None = None,
    pause: Pause | None = None,
    by_limit: bool = False,
) -> None:
    extra: dict[str, Any] = {"by_limit": True} if by_limit else {}
    if pause is not None:
        extra = {"receipt": receipt, "until": pause.limit_at.isoformat()}
    work.record(db, kind, task=task, name=task.name, reason=reason, **extra)


def _refuse_suspend(db: Session, work: CaseWork) -> DomainError | None:
    task = work.task
    assert task is not None
    if task.paused_at is not None:
        return Conflict(task.id, text=ALREADY)
    if task.due_at is None or task.started_at is None:
        return Conflict(task.id, text=NO_CLOCK)
    if task.due_at <= work.now:
        return Conflict(task.id, text=OVERDUE)
    if not reasons(db, work):
        return Conflict(task.id, text=USED_UP)
    return None


def _refuse_resume(_db: Session, work: CaseWork) -> DomainError | None:
    assert work.task is not None
    return None if work.task.paused_at else Conflict(work.task.id, text=RUNNING)


SUSPEND = MoveRule(
    key="suspend",
    name=Text("暂停", "Pause"),
    of="task",
    who=Text("签收人", "who signed for it"),
    when=Text(
        "已签收、有办理时限、未超期、未暂停，且有允许而未用过的理由；到允许的期限自动恢复",
        "signed for, with a handling limit, neither overdue nor suspended, for an allowed and "
        "unused reason; it resumes by itself at the reason's limit",
    ),
    sign=Text("已结束，不受影响", "has ended, not affected"),
    handle=Text("停止；已用的时间保留", "stops; time already used still counts"),
    citizen=NEVER_STOPS,
    refusal=_refuse_suspend,
)
RESUME = MoveRule(
    key="resume",
    name=Text("恢复办理", "Resume"),
    of="task",
    who=Text("签收人；到期由系统", "who signed for it; the system at the limit"),
    when=Text("已暂停", "it is suspended"),
    sign=Text("已结束，不受影响", "has ended, not affected"),
    handle=Text(
        "从停下的地方继续；截止时间按暂停里的时限单位顺延",
        "goes on where it stood; the deadline moves by the limit's units inside the pause",
    ),
    citizen=NEVER_STOPS,
    refusal=_refuse_resume,
)
