"""Whom a moment that has come tells: those above, once an hour for one task, and who is at work."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from engine.casework import recalculation
from engine.casework.case_work import CaseWork
from engine.models import Due
from engine.notices import outbox
from engine.org import Climb


def notify(db: Session, work: CaseWork, due: Due, found: Climb, key: str) -> None:
    """Notify everybody whom a climb reached, once for the rungs of one task and the same hour."""
    about = work.at_work.id if work.at_work is not None else work.case.id
    for holder in found.holders:
        outbox.put(
            db,
            work.case,
            key,
            cause=f"late:{about}:{work.now:%Y%m%d%H}:{holder.user_id}",
            once=True,
            now=work.now,
            user_id=holder.user_id,
            task=work.task,
            **words_of(work, due),
        )


def tell_worker(db: Session, work: CaseWork, due: Due, key: str) -> None:
    """Notify who signed for the task, or everybody who could; for a case, at each open task."""
    for task in [work.task] if work.task else recalculation.open_tasks(db, work.case):
        signed = task.assignee_id is not None
        outbox.put(
            db,
            work.case,
            key,
            cause=f"{key}:{due.id}:{task.id}",
            now=work.now,
            user_id=task.assignee_id,
            unit_id=None if signed else task.unit_id,
            role=None if signed else task.role,
            task=task,
            **words_of(work, due),
        )


def words_of(work: CaseWork, due: Due) -> dict[str, Any]:
    """Return what a message says of a moment: the step, and when its limit passed."""
    task = work.task
    step = {"step": task.name, "step_en": task.name_en} if task else {}
    return {**step, "due": due.data.get("since") or due.fire_at.isoformat()}
