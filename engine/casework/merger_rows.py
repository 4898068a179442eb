"""Mergers of a case as its steps need them: who waits in it, and what calls them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import bpmn
from engine.casework.case_work import CaseWork
from engine.models import Case, Merger, Task
from engine.models.mergers import ENDED, WAITING
from engine.notices import outbox
from engine.terms.channels import MERGED


def of_case(db: Session, case: Case) -> Merger | None:
    """Return the merger by which a case waits in its main one."""
    mine = (Merger.case_id == case.id, Merger.county_id == case.county_id)
    return db.scalar(select(Merger).where(*mine, Merger.state == WAITING))


def waiting(db: Session, main_id: int) -> Sequence[Merger]:
    """Return the mergers of the cases that wait in a main one, oldest first."""
    found = select(Merger).where(Merger.main_id == main_id, Merger.state == WAITING)
    return db.scalars(found.order_by(Merger.id)).all()


def follow(db: Session, work: CaseWork, step: bpmn.Step, opened: Sequence[Task]) -> None:
    """Queue what waits in a main case to follow an answer, its end, and who works on it.

    Each of them takes its own step later, under its own lock: a step of a main case does not
    cost more with three hundred applicants than with two.
    """
    if work.case.applicants > 1 and (step.answer_place is not None or step.ended or opened):
        _call(db, work, step, sorted({task.unit_id for task in opened}))
    if step.ended and work.case.main_id is not None:
        end_alone(db, work)


def _call(db: Session, work: CaseWork, step: bpmn.Step, units: list[int]) -> None:
    place = step.answer_place
    said: dict[str, Any] = {
        "node": place.node_id if place else "",
        "on_way": place is not None and place.on_way,
        "ended": step.ended,
        "units": [str(unit_id) for unit_id in units],
    }
    event = work.record(db, "mergers.called", automatic=True, **said)
    outbox.put(
        db,
        work.case,
        "merged_step",
        cause=f"mergers:{event.id}",
        now=work.now,
        channel=MERGED,
        unit_id=work.case.unit_id,
        role="dispatcher",
        **said,
    )


def end_alone(db: Session, work: CaseWork) -> None:
    """A case that waited in another has ended by itself: its applicant withdrew."""
    merger = of_case(db, work.case)
    assert merger is not None
    merger.state, merger.ended_at, work.case.main_id = ENDED, work.now, None
