"""Queues in which nobody sits: found as they fall empty, told above at once, listed until manned.

Whatever empties one (a post vacated or ended, somebody gone, a deputyship over, a unit that never
had the post) is seen in the same way: an open task that nobody has signed for, whose unit has
nobody in the role.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from engine.casework import recalculation
from engine.casework.case_lock import begin, lock_case
from engine.casework.case_work import CaseWork
from engine.casework.moves import reassignment
from engine.models import Deputy, Post, Task, User
from engine.timing import clocks, due_rows, ladders

EMPTY, MANNED = "task.deserted", "task.manned"


def changed(db: Session, now: datetime, limit: int) -> list[int]:
    """Return ids of cases with a task whose queue has fallen empty, or has somebody again."""
    waits = and_(Task.done_at.is_(None), Task.assignee_id.is_(None))
    empty = and_(waits, Task.queue_empty_since.is_(None), ~_seated(now))
    manned = and_(waits, Task.queue_empty_since.is_not(None), _seated(now))
    rows = select(Task.case_id).where(or_(empty, manned)).distinct()
    return list(db.scalars(rows.order_by(Task.case_id).limit(limit)))


def settle(db: Session, case_id: int, now: datetime) -> int:
    """Bring the tasks of a case in line with who sits at their queues; return how many moved."""
    case = lock_case(db, case_id, skip_locked=True)
    if case is None or case.closed_at is not None:
        return 0
    work = begin(db, case, None, "desert", now=now)
    waiting = [task for task in recalculation.open_tasks(db, case) if task.assignee_id is None]
    seated = _with_somebody(db, waiting, now)
    moved = [
        task for task in waiting if (task.id in seated) == (task.queue_empty_since is not None)
    ]
    for task in moved:
        if task.queue_empty_since is None:
            _desert(db, work, task)
        else:
            _man(db, work, task)
    return len(moved)


def _desert(db: Session, work: CaseWork, task: Task) -> None:
    """Nobody can sign: the sign-for ladder begins now, unless it is under way already."""
    task.queue_empty_since = work.now
    under_way = clocks.is_signing(task) and (task.sign_due_at or work.now) < work.now
    posts = select(Post.id).where(Post.unit_id == task.unit_id, Post.role == task.role)
    in_force = or_(Post.until_at.is_(None), Post.until_at > work.now)
    reason = "no_post" if db.scalar(posts.where(in_force).limit(1)) is None else "vacant"
    work.record(
        db,
        EMPTY,
        task=task,
        name=task.name,
        unit=task.unit_id,
        unit_name=task.unit.name,
        role=task.role,
        reason=reason,
        armed=not under_way,
    )
    if not under_way:
        _arm(db, work, task, work.now, None)


def _man(db: Session, work: CaseWork, task: Task) -> None:
    """Somebody sits there again: they are notified, and the clock of the task is what it was."""
    task.queue_empty_since = None
    due = task.sign_due_at if clocks.is_signing(task) else None
    work.record(db, MANNED, task=task, name=task.name, unit=task.unit_id, role=task.role)
    _strike(db, work, task)
    if due is not None:
        found = ladders.of(work.case, task, clocks.SIGN, due, work.works)
        ladders.arm(db, work.case, task, clocks.SIGN, found, since=work.now)
    reassignment.notify(
        db, work, task, "task.opened", cause=f"manned:{task.id}:{work.now.isoformat()}"
    )


def _arm(db: Session, work: CaseWork, task: Task, due_at: datetime, since: datetime | None) -> None:
    _strike(db, work, task)
    found = ladders.of(work.case, task, clocks.SIGN, due_at, work.works)
    ladders.arm(db, work.case, task, clocks.SIGN, found, since=since)


def _strike(db: Session, work: CaseWork, task: Task) -> None:
    """Take away the rungs of signing that lie ahead; those that have come keep their place."""
    due_rows.set_apart(db, work.case, task.id, now=work.now, kinds=(), rungs_of=clocks.SIGN)
    due_rows.cancel(db, work.case, [task.id], now=work.now, rungs_of=clocks.SIGN)


def _with_somebody(db: Session, tasks: Sequence[Task], now: datetime) -> set[int]:
    ids = [task.id for task in tasks]
    if not ids:
        return set()
    return set(db.scalars(select(Task.id).where(Task.id.in_(ids), _seated(now))))


def _seated(now: datetime) -> ColumnElement[bool]:
    """Return whether somebody holds the post that a task waits for, or stands in for who holds
    it.
    """
    works_here = or_(User.ended_at.is_(None), User.ended_at > now)
    stands_in = (
        select(Deputy.id)
        .join(User, User.id == Deputy.user_id)
        .where(Deputy.post_id == Post.id, Deputy.from_at <= now, Deputy.until_at > now, works_here)
        .correlate(Post)
    )
    holds = select(User.id).where(User.id == Post.user_id, works_here).correlate(Post)
    post = select(Post.id).where(
        Post.unit_id == Task.unit_id,
        Post.role == Task.role,
        Post.from_at <= now,
        or_(Post.until_at.is_(None), Post.until_at > now),
        or_(holds.exists(), stands_in.exists()),
    )
    return post.correlate(Task).exists()
