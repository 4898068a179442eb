"""Rulings on who handles a case are remembered, and offered when one like it comes."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine import org
from engine.casework.answers import Answers
from engine.casework.case_work import CaseWork
from engine.models import Precedent, new_id
from engine.storage import pending_rows
from forms import Form

# Whose choice of a unit binds the others.
RULER = "leader"


def remember(db: Session, work: CaseWork, form: Form | None, clean: Answers) -> None:
    """Keep the unit that a leader's step has named, unless the case is confidential."""
    task, case = work.task, work.case
    if task is None or task.role != RULER or case.guarded or form is None:
        return
    named = next((one.name for one in form.fields if one.kind == "unit" and one.required), None)
    unit = org.unit_by_code(db, str(clean[named])) if named and clean.get(named) else None
    if unit is None:
        return
    row = Precedent(id=new_id(), county_id=case.county_id, case_id=case.id, process=case.process)
    row.unit_id, row.at = unit.id, work.now
    pending_rows.add(db, row)
