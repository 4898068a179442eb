"""Transfer (转办): give a task to a colleague, or to a sibling unit that has the same role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.casework import recusal
from engine.casework.case_work import CaseWork
from engine.casework.moves import reassignment
from engine.casework.moves.rules import NEVER_STOPS, RUNS_ON, MoveRule, begin_move, keep_reason
from engine.errors import Conflict, DomainError, InvalidInput, TaskPaused
from engine.models import Event, Post, Task, Unit
from engine.org import Holder
from feel.text import Text

NOWHERE = Text(
    "没有可以转办的单位或同事。", "There is no unit and no colleague to transfer this to."
)
NOT_THERE = Text("不能转办到该单位。", "It cannot be transferred to that unit.")
ALREADY_THERE = Text("本环节已经在那里。", "The task is there already.")


@dataclass(frozen=True)
class TransferTarget:
    """A unit that may receive a task, and the people in it who may hold it."""

    unit: Unit
    holders: tuple[Holder, ...]


def targets(db: Session, work: CaseWork) -> list[TransferTarget]:
    """Return where a task may go: its own unit's people, then sibling units with people or
    without.
    """
    assert work.task is not None
    task = work.task
    units = [task.unit, *_siblings(db, work, task)]
    found = [TransferTarget(unit, _others(db, work, task, unit)) for unit in units]
    return [one for one in found if one.holders or one.unit.id != task.unit_id]


def transfer(
    db: Session,
    actor: Actor,
    task_id: int,
    unit_id: int,
    reason: str,
    *,
    now: datetime,
    user_id: int | None = None,
) -> Task:
    """Give a task to a unit's queue, or to a person there, with a reason.

    The handling clock goes with it; another unit has its own time to sign. Raises NotFound,
    NotAllowed, InvalidInput, Conflict, TaskAlreadyDone.
    """
    work, task = begin_move(db, actor, task_id, MOVE, now=now)
    if (unit_id, user_id) == (task.unit_id, task.assignee_id):
        raise Conflict(task.id, text=ALREADY_THERE)
    unit = _target(db, work, task, unit_id)
    if user_id is not None:
        reassignment.require_holder(db, work, task, unit, user_id)
    receipt = keep_reason(db, work, MOVE, reason)
    event = _record(db, work, task, receipt, unit.id, user_id)
    reassignment.give(db, work, task, unit, user_id)
    reassignment.notify(db, work, task, "task.transferred", cause=f"transferred:{event.id}")
    return task


def _record(
    db: Session, work: CaseWork, task: Task, receipt: str, unit_id: int, user_id: int | None
) -> Event:
    return work.record(
        db,
        "task.transferred",
        task=task,
        name=task.name,
        receipt=receipt,
        from_unit=task.unit_id,
        from_person=task.assignee_id,
        to_unit=unit_id,
        to_person=user_id,
    )


def _refusal(db: Session, work: CaseWork) -> DomainError | None:
    task = work.task
    assert task is not None
    if task.paused_at is not None:
        return TaskPaused(task.id)
    if not _others(db, work, task, task.unit) and not _siblings(db, work, task):
        return Conflict(task.id, text=NOWHERE)
    return None


def _target(db: Session, work: CaseWork, task: Task, unit_id: int) -> Unit:
    for unit in [task.unit, *_siblings(db, work, task)]:
        if unit.id == unit_id:
            return unit
    raise InvalidInput({"unit": NOT_THERE})


def _others(db: Session, work: CaseWork, task: Task, unit: Unit) -> tuple[Holder, ...]:
    """Return who may hold the task in a unit, without whoever has it and whoever asks."""
    actor_id = work.actor.user_id if work.actor else None
    return tuple(
        holder
        for holder in recusal.holders(db, work.case, unit.id, task.role, work.now)
        if holder.user_id not in (task.assignee_id, actor_id)
    )


def _siblings(db: Session, work: CaseWork, task: Task) -> list[Unit]:
    """Return units beside the task's own (same parent, level and county) that have its role.

    Further away is for the level above to decide: it dispatches, or sends back.
    """
    in_force = or_(Post.until_at.is_(None), Post.until_at > work.now)
    has_role = select(Post.id).where(
        Post.unit_id == Unit.id, Post.role == task.role, Post.from_at <= work.now, in_force
    )
    beside = list(
        db.scalars(
            select(Unit)
            .where(
                Unit.parent_id == task.unit.parent_id,
                Unit.id != task.unit_id,
                Unit.level == task.unit.level,
                Unit.at_county == work.case.county_id,
                Unit.ended_at.is_(None),
                has_role.exists(),
            )
            .order_by(Unit.code)
        )
    )
    return recusal.apart(work.case, beside)


MOVE = MoveRule(
    key="transfer",
    name=Text("转办", "Transfer"),
    of="task",
    who=Text(
        "签收人；未签收时，本单位该岗位的任何人",
        "who signed for it; before that, anybody with the role in its unit",
    ),
    when=Text(
        "环节未办结、未暂停，且本单位有同事或同级有设同一岗位的单位",
        "the task is open and not suspended, and a colleague or a sibling unit has the role",
    ),
    sign=Text(
        "转到另一单位的，另计，不晚于事项的截止时间，再转回的从用掉的时间接着算；转给个人的，视为签收",
        "another unit has its own, within the case's deadline, and goes on where it stood if it "
        "had the task before; given to a person, it counts as signed for",
    ),
    handle=RUNS_ON,
    citizen=NEVER_STOPS,
    refusal=_refusal,
)
