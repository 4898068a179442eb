"""What the printed sheet of a case says: the facts and the way so far, nothing personal."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from engine.access import confidentiality, policy
from engine.access.actors import Actor
from engine.models import Case, Task


@dataclass
class CaseSheet:
    """One case with its tasks, oldest first."""

    case: Case
    tasks: list[Task] = field(default_factory=list)


def sheets(db: Session, actor: Actor, ids: Collection[int]) -> list[CaseSheet]:
    """Return the sheets of visible cases in the order of the ids; two statements."""
    wanted = sorted(set(ids))
    cases = db.scalars(
        select(Case)
        .where(Case.id.in_(wanted), policy.visible_cases(actor))
        .options(joinedload(Case.unit), joinedload(Case.department))
    )
    found = {case.id: CaseSheet(case) for case in cases}
    concealments = {
        case_id: confidentiality.concealment(db, actor, one.case) for case_id, one in found.items()
    }
    tasks = db.scalars(
        select(Task)
        .where(Task.case_id.in_(sorted(found)))
        .options(joinedload(Task.unit), joinedload(Task.assignee))
        .order_by(Task.id)
    )
    for task in tasks:
        sheet = found[task.case_id]
        if concealments[task.case_id].covers_opening(sheet.case, task.done_by, task.done_at):
            set_committed_value(task, "assignee", None)
        sheet.tasks.append(task)
    return [found[one] for one in dict.fromkeys(ids) if one in found]
