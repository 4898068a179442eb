"""Assign (指派): a leader puts a task of the unit or the area into somebody's hands."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.casework import recusal
from engine.casework.case_work import CaseWork
from engine.casework.moves import reassignment
from engine.casework.moves.rules import NEVER_STOPS, MoveRule, begin_move
from engine.errors import Conflict, DomainError, TaskPaused
from engine.models import Task
from engine.org import Holder
from feel.text import Text

NOBODY_ELSE = Text("该单位没有其他人可以指派。", "Nobody else in that unit can be assigned.")
ALREADY = Text("本环节已经由此人办理。", "This person has the task already.")


def candidates(db: Session, work: CaseWork) -> list[Holder]:
    """Return who may be given the task: holders of its role in its unit, without who has it."""
    task = work.task
    assert task is not None
    holders = recusal.holders(db, work.case, task.unit_id, task.role, work.now)
    return [holder for holder in holders if holder.user_id != task.assignee_id]


def assign(db: Session, actor: Actor, task_id: int, user_id: int, *, now: datetime) -> Task:
    """Give a task to a person who holds its role in its unit; it counts as signed for.

    Raises NotFound, NotAllowed, InvalidInput, Conflict when they have it already, TaskAlreadyDone.
    """
    work, task = begin_move(db, actor, task_id, MOVE, now=now)
    if task.assignee_id == user_id:
        raise Conflict(task.id, text=ALREADY)
    reassignment.require_holder(db, work, task, task.unit, user_id)
    event = work.record(
        db,
        "task.assigned",
        task=task,
        name=task.name,
        from_person=task.assignee_id,
        to_person=user_id,
    )
    reassignment.give(db, work, task, task.unit, user_id)
    reassignment.notify(db, work, task, "task.assigned", cause=f"assigned:{event.id}")
    return task


def _refusal(db: Session, work: CaseWork) -> DomainError | None:
    assert work.task is not None
    if work.task.paused_at is not None:
        return TaskPaused(work.task.id)
    if not candidates(db, work):
        return Conflict(work.task.id, text=NOBODY_ELSE)
    return None


MOVE = MoveRule(
    key="assign",
    name=Text("指派", "Assign"),
    of="task",
    who=Text(
        "本单位或辖区上级的负责人、网格长、督办员",
        "a leader, grid leader or supervisor of the unit or above it",
    ),
    when=Text(
        "环节未办结、未暂停，且该岗位另有其人",
        "the task is open and not suspended, and somebody else holds the role",
    ),
    sign=Text("视为签收，到此为止", "counts as signed for, and ends"),
    handle=Text(
        "未开始的，从指派时起；已开始的，照常计算",
        "starts at the assignment if it has not started, else runs on",
    ),
    citizen=NEVER_STOPS,
    refusal=_refusal,
)
