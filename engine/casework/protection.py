"""Making a case confidential in mid-course, as when it turns out to be a report of wrongdoing."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine.casework import recusal
from engine.casework.case_work import CaseWork
from engine.models import Attachment, BlindIndex, CaseAccess, Notice, Outbox, Task
from engine.notices import outbox
from engine.records import attachments, case_people


def protect(db: Session, work: CaseWork) -> None:
    """Keep the reporter from now on, and take back what was spread while nobody knew.

    Twice is once; what was confidential and lifted stays lifted.
    """
    case = work.case
    if case.guarded:
        return
    recusal.keep(db, case, None, by_id=work.actor.user_id if work.actor else None, now=work.now)
    db.flush()
    work.record(db, "confidentiality.set", **recusal.recorded(case))
    for row in _files(db, work):
        attachments.seal(row)
    db.execute(delete(BlindIndex).where(BlindIndex.case_id == case.id))
    case_people.hide(db, case)
    db.execute(
        update(CaseAccess)
        .where(CaseAccess.case_id == case.id, CaseAccess.reason == "place")
        .values(until_at=work.now)
    )
    _forget_titles(db, case.id)


def _files(db: Session, work: CaseWork) -> list[Attachment]:
    """Return what came with the opening, outside of any step, or with a step of its own takers."""
    opens = work.version.opens
    rows = db.execute(
        select(Attachment, Task.node_id, Task.role)
        .outerjoin(Task, Task.id == Attachment.task_id)
        .where(Attachment.case_id == work.case.id, Attachment.county_id == work.case.county_id)
    )
    takers = {opens.role, "operator"}
    return [row for row, node, role in rows if node in (None, opens.id) or role in takers]


def _forget_titles(db: Session, case_id: int) -> None:
    """Messages name a confidential case by its number alone; those on their way as well."""
    for message in db.scalars(select(Outbox).where(Outbox.case_id == case_id)):
        message.data = {**message.data, **outbox.CONFIDENTIAL}
    for notice in db.scalars(select(Notice).where(Notice.case_id == case_id)):
        notice.data = {**notice.data, **outbox.CONFIDENTIAL}
