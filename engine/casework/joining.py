"""A case joins a main one (并单): its work is set aside, its applicant and its promise stay."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.casework import case_access, steps
from engine.casework.case_work import CaseWork
from engine.models import Case, CaseLink, Merger, Task, Unit, new_id
from engine.storage import tallies
from engine.timing import due_rows
from feel.text import Text

LINK = "merged"
CLOSED = Text("事项已经办结。", "The case is closed.")
ANSWERED = Text("已经答复，不再并单。", "It was answered already and is merged no more.")
MERGED = Text("已经并入其他事项，先拆出。", "It is merged into another case; take it out first.")
IS_MAIN = Text(
    "已有事项并入本件；请把另一件并入本件。",
    "Other cases are merged into this one; merge the other into it.",
)
GUARDED = Text("保密件不并单。", "Confidential cases are not merged.")
ITSELF = Text("不能并入自己。", "It cannot be merged into itself.")
OTHER_KIND = Text("不是同一类事项。", "It is of another kind.")


def fault_of(case: Case) -> Text | None:
    """Return why a case cannot join another one as it stands."""
    if case.main_id is not None:
        return MERGED
    return IS_MAIN if case.applicants > 1 else _closed_or_told(case)


def fault_of_main(case: Case, main: Case) -> Text | None:
    """Return why that main case cannot take this one in."""
    if case.id == main.id:
        return ITSELF
    if (case.process, case.county_id) != (main.process, main.county_id):
        return OTHER_KIND
    return MERGED if main.main_id is not None else _closed_or_told(main)


def _closed_or_told(case: Case) -> Text | None:
    if case.guarded:
        return GUARDED
    if case.closed_at is not None:
        return CLOSED
    return ANSWERED if case.answered_at is not None else None


def join(db: Session, work: CaseWork, main: CaseWork, receipt: str = "") -> Merger:
    """Put a case into a main one; both are locked, and neither has a fault.

    Its tasks are set aside as they are, with what was drafted; its citizen's clock runs on.
    """
    case, now = work.case, work.now
    assert work.actor is not None
    # What this transaction has opened must be there to be found.
    db.flush()
    shown = _at_work(db, main.case)
    told: dict[str, Any] = {"main": main.case.number, "shown": [unit.id for unit in shown]}
    if receipt:
        told["receipt"] = receipt
    work.record(db, "case.merged", **told)
    main.record(db, "case.joined", number=case.number)
    aside = _set_aside(db, work)
    merger = Merger(
        id=new_id(),
        county_id=case.county_id,
        case_id=case.id,
        main_id=main.case.id,
        at=now,
        by_id=work.actor.user_id,
        aside=aside,
    )
    db.add(merger)
    db.add(
        CaseLink(
            county_id=case.county_id, case_id=case.id, other_id=main.case.id, kind=LINK, at=now
        )
    )
    case.main_id = main.case.id
    main.case.applicants += 1
    # Nothing before this is taken back under the main case's feet.
    work.state.undo = None
    tallies.count_merged(db, case)
    for unit in shown:
        case_access.grant(db, case, unit, "handler", now)
    return merger


def _set_aside(db: Session, work: CaseWork) -> list[int]:
    """Close the open tasks as they are; return their ids."""
    open_tasks = _open_tasks(db, work.case)
    for task in open_tasks:
        steps.close_task(db, work, task, "moved")
        work.record(db, "task.moved", automatic=True, task=task)
    ids = [task.id for task in open_tasks]
    due_rows.cancel(db, work.case, ids, now=work.now)
    return ids


def _open_tasks(db: Session, case: Case) -> list[Task]:
    mine = (Task.case_id == case.id, Task.county_id == case.county_id, Task.done_at.is_(None))
    return list(db.scalars(select(Task).where(*mine).order_by(Task.id)))


def _at_work(db: Session, case: Case) -> list[Unit]:
    working = select(Task.unit_id).where(
        Task.case_id == case.id, Task.county_id == case.county_id, Task.done_at.is_(None)
    )
    return list(db.scalars(select(Unit).where(Unit.id.in_(working))))
