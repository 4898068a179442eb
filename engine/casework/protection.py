"""Making a case confidential in mid-course: it turns out to be a report of wrongdoing, or a form
asks for it that is filled in later than the case was opened, or again.
"""

from __future__ import annotations

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from engine import settings
from engine.access import confidentiality
from engine.casework import recusal
from engine.casework.answers import Answers
from engine.casework.case_work import CaseWork
from engine.errors import Conflict
from engine.models import Attachment, BlindIndex, CaseAccess, Notice, Outbox, Task, Unit
from engine.notices import outbox
from engine.records import attachments, case_people
from feel.text import Text
from forms import Form

APART_FIRST = Text(
    "已并单的事项先拆出，再作为保密件办理；保密件不并单。",
    "Take it out of the merge first: what is confidential is worked on with nothing else.",
)


def keep_asked(db: Session, work: CaseWork, form: Form | None, clean: Answers) -> None:
    """Make a case confidential where a form that was filled in now asks for it.

    A case that came out of another one is opened by nobody's form; and what is sent back to be
    mended may be told in confidence the second time. Raises InvalidInput, Conflict.
    """
    case = work.case
    if form is None or case.guarded:
        return
    today = settings.current().local_day(work.now)
    if form.confidential(clean, today) or case.category == confidentiality.REPORT:
        code = clean.get(form.sets.get("against", ""))
        protect(db, work, recusal.unit_against(db, case.county_id, code))


def protect(db: Session, work: CaseWork, against: Unit | None = None) -> None:
    """Keep the reporter from now on, and take back what was spread while nobody knew.

    ``against`` is the unit that the case is about. Twice is once; what was confidential and lifted
    stays lifted. Raises InvalidInput where no unit can handle it, Conflict for what is merged.
    """
    case = work.case
    if case.guarded:
        return
    if case.main_id is not None or case.applicants > 1:
        raise Conflict(case.id, text=APART_FIRST)
    by_id = work.actor.user_id if work.actor else None
    recusal.keep(db, case, against, by_id=by_id, now=work.now)
    db.flush()
    work.record(db, "confidentiality.set", **recusal.recorded(case))
    for row in _files(db, work):
        attachments.seal(row)
    db.execute(delete(BlindIndex).where(BlindIndex.case_id == case.id))
    case_people.hide(db, case)
    _take_back(db, work)
    _forget_titles(db, case.id)


def _take_back(db: Session, work: CaseWork) -> None:
    """End the access of the place, and of whomever the case goes round from now on."""
    case = work.case
    rows = db.execute(
        select(CaseAccess, Unit)
        .join(Unit, Unit.id == CaseAccess.unit_id)
        .where(
            CaseAccess.case_id == case.id,
            CaseAccess.county_id == case.county_id,
            or_(CaseAccess.until_at.is_(None), CaseAccess.until_at > work.now),
        )
    )
    for access, unit in rows:
        if access.reason == "place" or confidentiality.avoids(case, unit):
            access.until_at = work.now


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
