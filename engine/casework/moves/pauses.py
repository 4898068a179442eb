"""Suspend and resume (暂停, 恢复): the handling clock stands still, for a reason, for a while.

Every pause is a line of the ledger: who, why, from when until when. It ends by itself when its
limit is reached; the citizen's clock never stops. The holder takes the first one of a step alone;
another one, and one that begins when the limit is about to end, is granted by the leader.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.casework.case_work import CaseWork
from engine.casework.moves import reassignment
from engine.casework.moves.move_limits import move_limits
from engine.casework.moves.rules import NEVER_STOPS, MoveRule, begin_move, keep_reason
from engine.errors import Conflict, DomainError, InvalidInput
from engine.models import Pause, PauseRequest, Task, new_id
from engine.notices import outbox
from engine.timing import clock_adjustments, clocks, limits
from engine.worktime import deadline
from feel.text import Text

NO_CLOCK = Text("本环节没有在走的办理时限。", "No handling clock of this task is running.")
BY_LAW = Text("这是法定期限，不能暂停。", "This limit is the law's own: nothing suspends it.")
OVERDUE = Text("本环节已超期，不能暂停。", "This task is overdue and cannot be suspended.")
ALREADY = Text("本环节已经暂停。", "This task is suspended already.")
RUNNING = Text("本环节没有暂停。", "This task is not suspended.")
USED_UP = Text(
    "允许的暂停理由都已用过。", "Every reason that is allowed for a pause has been used."
)
NOT_ALLOWED = Text("请选择允许且未用过的理由。", "Choose a reason that is allowed and unused.")
ASKED = Text("暂停申请正等负责人审批。", "A request to suspend waits for the leader.")
NOTHING_ASKED = Text("没有待审批的暂停申请。", "No request to suspend waits for a decision.")
OWN = Text("不能审批自己的申请。", "Nobody decides on their own request.")
GONE = Text("这个暂停理由已不再允许。", "This reason for a pause is not allowed any more.")
# Why a pause asks the leader, and how near to its end a limit is about to end.
AGAIN, LATE = "again", "late"
SHORTLY = timedelta(hours=1)


def suspend(
    db: Session, actor: Actor, task_id: int, reason: str, note: str, *, now: datetime
) -> Pause | PauseRequest:
    """Stop the handling clock for an allowed reason, or ask the leader where ``why_asked`` says
    so.

    ``reason`` is a key of the move limits, each once a task; ``note`` says it in words. Raises
    NotFound, NotAllowed, InvalidInput, Conflict for what cannot be suspended, TaskAlreadyDone.
    """
    work, task = begin_move(db, actor, task_id, SUSPEND, now=now)
    if reason not in reasons(db, work):
        raise InvalidInput({"reason": NOT_ALLOWED})
    receipt = keep_reason(db, work, SUSPEND, note)
    why = why_asked(db, work)
    if why is None:
        return _begin(db, work, task, reason, actor.user_id, receipt=receipt)
    return _ask(db, work, task, reason, why, receipt)


def decide(
    db: Session, actor: Actor, task_id: int, granted: bool, reason: str, *, now: datetime
) -> PauseRequest:
    """Grant or refuse a pause that was asked for; granted, it begins now.

    Raises NotFound, NotAllowed, InvalidInput, Conflict when nothing waits, it is one's own, or a
    pause to be granted comes too late, TaskAlreadyDone.
    """
    work, task = begin_move(db, actor, task_id, DECIDE, now=now)
    row = pending(db, task)
    assert row is not None and work.actor is not None
    if granted:
        _require_grantable(db, work, row)
    receipt = keep_reason(db, work, DECIDE, reason)
    row.granted, row.decided_at, row.decided_by = granted, now, work.actor.user_id
    work.record(
        db,
        "pause.decided",
        task=task,
        name=task.name,
        reason=row.reason,
        granted=granted,
        receipt=receipt,
    )
    if granted:
        _begin(db, work, task, row.reason, row.asked_by)
    key = "pause.granted" if granted else "pause.refused"
    _notify(db, work, task, key, f"{key}:{row.id}", user_id=row.asked_by)
    return row


def why_asked(db: Session, work: CaseWork) -> str | None:
    """Return why a pause needs the leader: the unit has suspended this step ``again``, or its
    limit ends within an hour (``late``); None where the holder takes it alone.
    """
    task = work.task
    assert task is not None
    if task.due_at is not None and task.due_at - work.now < SHORTLY:
        return LATE
    # A step that comes back has another row, and the pauses of before.
    before = (
        select(Pause.id)
        .join(Task, Task.id == Pause.task_id)
        .where(
            Task.case_id == work.case.id,
            Task.county_id == work.case.county_id,
            Task.node_id == task.node_id,
            Task.unit_id == task.unit_id,
        )
    )
    return AGAIN if db.scalar(before.limit(1)) is not None else None


def pending(db: Session, task: Task) -> PauseRequest | None:
    """Return the pause that waits for the leader, if whoever asked has the task still."""
    asked = select(PauseRequest).where(
        PauseRequest.task_id == task.id,
        PauseRequest.holder_id == task.assignee_id,
        PauseRequest.decided_at.is_(None),
    )
    return db.scalar(asked) if task.assignee_id is not None else None


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
    """End a pause whose limit was reached at ``at``; whoever has the task is notified."""
    task = work.task
    if task is None or task.paused_at is None:
        return
    pause = _running(db, task)
    _record(db, work, task, "task.resumed", reason=pause.reason, by_limit=True)
    _go_on(db, work, task, pause, at=at)
    # Whoever had it may have left meanwhile: then those who can sign for it.
    reassignment.notify(db, work, task, "task.resumed", cause=f"resumed:{pause.id}")


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


def _require_grantable(db: Session, work: CaseWork, row: PauseRequest) -> None:
    """Refuse to grant what cannot begin any more. Raises Conflict or InvalidInput."""
    fault = _refuse_begin(work)
    if fault is not None:
        raise fault
    if row.reason not in move_limits(db).pauses:
        raise InvalidInput({"granted": GONE})


def _begin(
    db: Session,
    work: CaseWork,
    task: Task,
    reason: str,
    by_id: int,
    *,
    receipt: str | None = None,
) -> Pause:
    now, limit = work.now, move_limits(db).pauses[reason]
    pause = Pause(
        county_id=work.case.county_id,
        case_id=work.case.id,
        task_id=task.id,
        reason=reason,
        from_at=now,
        limit_at=deadline(now, limit, work.works.of(task)),
        by_id=by_id,
    )
    db.add(pause)
    _record(db, work, task, "task.suspended", reason=reason, receipt=receipt, pause=pause)
    task.paused_at = now
    clocks.hold(db, work.case, task, limit=limit, until=pause.limit_at, now=now)
    return pause


def _ask(
    db: Session, work: CaseWork, task: Task, reason: str, why: str, receipt: str
) -> PauseRequest:
    assert work.actor is not None and task.assignee_id is not None
    row = PauseRequest(
        id=new_id(),
        county_id=work.case.county_id,
        case_id=work.case.id,
        task_id=task.id,
        holder_id=task.assignee_id,
        reason=reason,
        why=why,
        asked_at=work.now,
        asked_by=work.actor.user_id,
    )
    db.add(row)
    work.record(
        db, "pause.asked", task=task, name=task.name, reason=reason, why=why, receipt=receipt
    )
    reassignment.ask_above(db, work, task, "pause.asked", cause=f"pause.asked:{row.id}")
    return row


def _notify(
    db: Session,
    work: CaseWork,
    task: Task,
    key: str,
    cause: str,
    *,
    user_id: int | None,
) -> None:
    outbox.put(
        db,
        work.case,
        key,
        cause=cause,
        now=work.now,
        user_id=user_id,
        task=task,
        step=task.name,
        step_en=task.name_en,
    )


def _go_on(db: Session, work: CaseWork, task: Task, pause: Pause, *, at: datetime) -> None:
    pause.until_at, task.paused_at = at, None
    # The ledger is read with this pause at its end, so it must be written first.
    db.flush()
    node = work.version.node(task.node_id)
    spans = clock_adjustments.spans(db, task)
    clocks.set_floor(task, work.works, spans, now=at, before=None)
    # It is the handling clock that goes on, though nobody may have the task any more.
    task.deadline_at = task.due_at
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
    fault = _refuse_begin(work)
    if fault is not None:
        return fault
    if pending(db, task) is not None:
        return Conflict(task.id, text=ASKED)
    if not reasons(db, work):
        return Conflict(task.id, text=USED_UP)
    return None


def _refuse_begin(work: CaseWork) -> DomainError | None:
    """Return why no pause can begin now, whoever wants it."""
    task = work.task
    assert task is not None
    if task.paused_at is not None:
        return Conflict(task.id, text=ALREADY)
    if task.due_at is None or task.started_at is None:
        return Conflict(task.id, text=NO_CLOCK)
    if task.limit_source == limits.LAW:
        return Conflict(task.id, text=BY_LAW)
    if task.due_at <= work.now:
        return Conflict(task.id, text=OVERDUE)
    return None


def _refuse_decide(db: Session, work: CaseWork) -> DomainError | None:
    assert work.task is not None and work.actor is not None
    row = pending(db, work.task)
    if row is None:
        return Conflict(work.task.id, text=NOTHING_ASKED)
    if work.actor.user_id in (row.asked_by, row.holder_id):
        return Conflict(work.task.id, text=OWN)
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
        "已签收、有办理时限、未超期、未暂停，且有允许而未用过的理由；本单位在本环节第二次暂停的，或者"
        "离到期不足 1 小时的，须负责人批准；到允许的期限自动恢复",
        "signed for, with a handling limit, neither overdue nor suspended, for an allowed and "
        "unused reason; the unit's second pause of a step, or one within an hour of its deadline, "
        "needs the leader; it resumes by itself at the reason's limit",
    ),
    sign=Text("已结束，不受影响", "has ended, not affected"),
    handle=Text(
        "停止；已用的时间保留；须批准的，批准之前照常计算",
        "stands still; what has elapsed stays; where it must be granted, runs on until it is",
    ),
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
DECIDE = MoveRule(
    key="decide_pause",
    name=Text("审批暂停", "Decide on the suspension"),
    of="task",
    who=Text("本单位或辖区上级的负责人、网格长", "a leader or grid leader of the unit or above it"),
    when=Text(
        "申请人仍是签收人，且不是自己提的；批准须在到期之前",
        "who asked has the task still and is somebody else; it is granted before expiry only",
    ),
    sign=Text("已结束，不受影响", "has ended, not affected"),
    handle=Text(
        "批准的，从批准时起停止；不批准的，照常计算",
        "granted, stands still from then on; refused, runs on",
    ),
    citizen=NEVER_STOPS,
    refusal=_refuse_decide,
)
