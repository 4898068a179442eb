"""Adding a file to a case outside of any form: who works on a task may, and it is recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import confidentiality, policy
from engine.access.actors import Actor
from engine.casework.case_lock import begin, lock_case
from engine.errors import TaskNotOpen
from engine.models import Attachment, Task
from engine.records import attachments
from engine.records.attachments import Upload


def file(
    db: Session,
    actor: Actor,
    task_id: int,
    upload: Upload,
    filename: str,
    *,
    now: datetime,
    device: dict[str, Any] | None = None,
) -> Attachment:
    """Keep an upload and join it to the case of an open task.

    Raises NotFound, NotAllowed, TaskNotOpen, or InvalidInput for what the file is.
    """
    of_task = select(Task.case_id).where(Task.id == task_id).scalar_subquery()
    case = lock_case(db, of_task)
    work = begin(db, case, actor, "attach", now=now, task_id=task_id)
    task = work.task
    assert task is not None
    if task.done_at is not None:
        policy.require(db, actor, "see", work.case)
        raise TaskNotOpen(task_id)
    seat = policy.require(db, actor, "attach", task)
    row = attachments.receive(
        db, actor, upload, filename, county_id=work.case.county_id, now=now, device=device
    )
    row.case_id, row.task_id = work.case.id, task.id
    if work.case.confidential and confidentiality.knows_by_post(actor, work.case):
        attachments.seal(row)
    work.seat = seat
    work.record(db, "file.added", task=task, digest=row.digest, attachment=row.id)
    return row
