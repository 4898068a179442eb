"""What the page of a merger asks: into which case, the likeliest ones offered."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.casework import joining
from engine.casework.case_work import CaseWork
from engine.hotline import likely_duplicates
from engine.models import Case
from webapp.desk.move_question import Question, reason_question

LONGEST_NUMBER = 40


def questions(db: Session, work: CaseWork) -> list[Question]:
    """Return the question for the main case, with what is likely the same matter, and why."""
    case, actor = work.case, work.actor
    assert actor is not None
    found = likely_duplicates.likely(
        db, actor, case.process, case.title, place=case.place, callers=(), now=work.now
    )
    ids = [one.case.case_id for one in found if one.case.case_id != case.id]
    mains = {one.id: one for one in db.scalars(select(Case).where(Case.id.in_(ids)))}
    fit = [mains[one] for one in ids if joining.fault_of_main(case, mains[one]) is None]
    offered = [(one.number, f"{one.number} {one.title}") for one in fit]
    number = Question(
        "number",
        _("主件编号"),
        "line",
        [("", offered)] if offered else [],
        help=_("并入以后只在主件办理；本件的诉求人、答复时限、回访和评价仍是自己的。"),
        most=LONGEST_NUMBER,
    )
    return [number, reason_question()]
