"""Urge (催办): remind whoever has a task; on the record, and not more than once an hour."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.casework.case_work import CaseWork
from engine.casework.moves import reassignment
from engine.casework.moves.rules import NEVER_STOPS, RUNS_ON, MoveRule, begin_move
from engine.errors import Conflict, DomainError
from engine.models import Event, Task
from engine.notices import outbox
from engine.worktime import Limit, deadline
from feel.text import Text

KIND = "task.urged"
# Each person, each task: a reminder that comes every minute is no reminder.
EVERY = Limit(1, "working_hours")
OWN = Text("这是您自己办理的环节。", "You have this task yourself.")
TOO_SOON = Text(
    "您刚催办过，一个工作小时后可以再次催办。",
    "You have just urged this; you may again after one working hour.",
)


def urge(db: Session, actor: Actor, task_id: int, *, now: datetime) -> Task:
    """Remind the holder of a task, or its queue.

    Raises NotFound, NotAllowed, TaskAlreadyDone, or Conflict within a working hour of the
    same person's last reminder.
    """
    work, task = begin_move(db, actor, task_id, MOVE, now=now)
    above = reassignment.who_answers(db, work, task)
    instead: dict[str, Any] = {"told_above": above} if above else {}
    event = work.record(db, KIND, task=task, name=task.name, to_person=task.assignee_id, **instead)
    reassignment.notify(db, work, task, KIND, cause=f"urged:{event.id}")
    for user_id in above:
        outbox.put(
            db,
            work.case,
            KIND,
            cause=f"urged:{event.id}:{user_id}",
            now=now,
            user_id=user_id,
            task=task,
            step=task.name,
            step_en=task.name_en,
        )
    return task


def _refusal(db: Session, work: CaseWork) -> DomainError | None:
    task, actor = work.task, work.actor
    assert task is not None and actor is not None
    if task.assignee_id == actor.user_id:
        return Conflict(task.id, text=OWN)
    last = db.scalar(
        select(Event.at)
        .where(
            Event.case_id == work.case.id,
            Event.county_id == work.case.county_id,
            Event.task_id == task.id,
            Event.kind == KIND,
            Event.actor_id == actor.user_id,
        )
        .order_by(Event.seq.desc())
        .limit(1)
    )
    if last is not None and work.now < deadline(last, EVERY, work.works.calendar):
        return Conflict(task.id, text=TOO_SOON)
    return None


MOVE = MoveRule(
    key="urge",
    name=Text("催办", "Send reminder"),
    of="task",
    who=Text(
        "辖区上级的督办员、负责人、网格长、分派员，以及登记单位的这些岗位和话务员",
        "supervisors, leaders, grid leaders and dispatchers above it, and those and the "
        "operators of the unit that registered the case",
    ),
    when=Text(
        "环节未办结、不是自己办理；同一人对同一环节每个工作小时一次",
        "the task is open and not one's own; once a working hour for each person and task",
    ),
    sign=RUNS_ON,
    handle=RUNS_ON,
    citizen=NEVER_STOPS,
    refusal=_refusal,
)
