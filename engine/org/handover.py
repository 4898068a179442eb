"""Open work that must not be left behind: handed to an heir, or back to the unit's queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.models import Case, CaseAccess, CaseState, Task, Unit, User
from engine.models.base import STAMPED_LEVELS
from engine.records.locked_case import LockedCase
from engine.storage import tallies

# Bound parameters in one statement are limited, and so is patience with one.
BATCH = 500


@dataclass(frozen=True)
class OpenWork:
    """How many open tasks and cases a unit still has."""

    tasks: int
    cases: int

    def __bool__(self) -> bool:
        return bool(self.tasks or self.cases)


def open_work(db: Session, unit_id: int) -> OpenWork:
    """Count what is open in the unit's queue, in its hands, or about its place."""
    tasks = select(func.count()).where(Task.unit_id == unit_id, Task.done_at.is_(None))
    cases = select(func.count()).select_from(_open_cases(unit_id).subquery())
    return OpenWork(
        db.scalar(tasks.select_from(Task)) or 0,
        db.scalar(cases) or 0,
    )


def hand_over(db: Session, unit: Unit, heir: Unit, actor: Actor | None, now: datetime) -> int:
    """Give a unit's open cases and tasks, and its right to see old ones, to ``heir``.

    Signed tasks go back to the heir's queue; their clocks run on, nothing starts anew.
    Returns how many open cases changed hands.
    """
    touched = union(_open_cases(unit.id), _cases_with_open_tasks(Task.unit_id == unit.id))
    ids = sorted(db.scalars(touched).all())
    _hand_over(db, ids, unit, heir, actor, now)
    _pass_on_access(db, unit, heir, now)
    return len(ids)


def hand_over_part(
    db: Session,
    unit: Unit,
    heir: Unit,
    actor: Actor | None,
    now: datetime,
    cases: Select[tuple[int]],
) -> int:
    """Give ``heir`` what the unit has in hand of these open cases; returns how many there are.

    The unit goes on to see what it has worked on.
    """
    ids = sorted(db.scalars(cases).all())
    _hand_over(db, ids, unit, heir, actor, now)
    for case in db.scalars(select(Case).where(Case.id.in_(ids))):
        _let_in(db, case, heir, now)
    return len(ids)


def _hand_over(
    db: Session,
    ids: Sequence[int],
    unit: Unit,
    heir: Unit,
    actor: Actor | None,
    now: datetime,
) -> None:
    for locked in _locked(db, ids, actor, now):
        case = locked.case
        tasks = _open_tasks(db, case, Task.unit_id == unit.id)
        for task in tasks:
            _to_queue(db, case, task, heir, now)
        _replace(db, case, unit, heir)
        locked.record(
            db,
            "case.handed_over",
            from_unit=unit.id,
            to_unit=heir.id,
            tasks=[task.id for task in tasks],
        )


def _let_in(db: Session, case: Case, heir: Unit, now: datetime) -> None:
    """Whoever gets work of a case sees it."""
    row = db.get(CaseAccess, (case.id, heir.id, "handler"))
    if row is None:
        row = CaseAccess(case_id=case.id, county_id=case.county_id, unit_id=heir.id, from_at=now)
        row.reason = "handler"
        row.stamp(heir)
        db.add(row)
    row.until_at = None


def release_tasks(
    db: Session,
    user: User,
    actor: Actor | None,
    now: datetime,
    *,
    reason: str,
    seats: Iterable[tuple[int, str]] | None = None,
) -> int:
    """Put what ``user`` has signed for back into the queue of its unit.

    ``seats`` limits it to tasks of these units and roles. Returns how many tasks went back.
    """
    mine: ColumnElement[bool] = Task.assignee_id == user.id
    if seats is not None:
        of_seats = [and_(Task.unit_id == unit_id, Task.role == role) for unit_id, role in seats]
        mine = and_(mine, or_(*of_seats))
    count = 0
    ids = sorted(db.scalars(_cases_with_open_tasks(mine)).all())
    for locked in _locked(db, ids, actor, now):
        for task in _open_tasks(db, locked.case, mine):
            _to_queue(db, locked.case, task, None, now)
            locked.record(db, "task.released", task=task, reason=reason)
            count += 1
    return count


def _locked(
    db: Session, ids: Sequence[int], actor: Actor | None, now: datetime
) -> Iterable[LockedCase]:
    """The cases, locked in the order of their ids, with their states read after the lock."""
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        lock = (
            select(Case).where(Case.id.in_(part)).order_by(Case.id).with_for_update(key_share=True)
        )
        cases = db.scalars(lock.execution_options(populate_existing=True)).all()
        states = select(CaseState).where(CaseState.case_id.in_(part))
        found = db.scalars(states.execution_options(populate_existing=True))
        by_case = {state.case_id: state for state in found}
        yield from (LockedCase(case, by_case[case.id], actor, now) for case in cases)


def _open_cases(unit_id: int) -> Select[tuple[int]]:
    """Ids of open cases about the unit's place or in its hands, found by indexes alone."""
    involved = select(CaseAccess.case_id).where(
        CaseAccess.unit_id == unit_id, CaseAccess.until_at.is_(None)
    )
    in_hand = and_(
        Case.id.in_(involved), or_(Case.unit_id == unit_id, Case.department_id == unit_id)
    )
    return select(Case.id).where(Case.closed_at.is_(None), or_(Case.place_id == unit_id, in_hand))


def _cases_with_open_tasks(condition: ColumnElement[bool]) -> Select[tuple[int]]:
    return select(Task.case_id).where(condition, Task.done_at.is_(None)).distinct()


def _open_tasks(db: Session, case: Case, condition: ColumnElement[bool]) -> list[Task]:
    of_case = (Task.case_id == case.id, Task.county_id == case.county_id, Task.done_at.is_(None))
    found = select(Task).where(*of_case, condition)
    return list(db.scalars(found.execution_options(populate_existing=True)))


def _to_queue(db: Session, case: Case, task: Task, heir: Unit | None, now: datetime) -> None:
    """Nobody's task again, in the heir's unit if there is one; the counters follow."""
    measure = "waiting" if task.assignee_id is None else "handling"
    tallies.count(db, case, task.unit_id, measure, -1, at=now)
    task.assignee_id = task.signed_at = None
    if heir is not None:
        task.unit_id = heir.id
        task.stamp(heir)
    tallies.count(db, case, task.unit_id, "waiting", 1, at=now)


def _replace(db: Session, case: Case, unit: Unit, heir: Unit) -> None:
    """The case's own references and its counters; the name of its place stays as it was."""
    counted = case.unit_id == unit.id
    if counted:
        tallies.count_opened(db, case, -1)
    for column in ("place_id", "unit_id", "department_id"):
        if getattr(case, column) == unit.id:
            setattr(case, column, heir.id)
    if counted:
        tallies.count_opened(db, case)


def _pass_on_access(db: Session, unit: Unit, heir: Unit, now: datetime) -> None:
    """The heir sees what the unit saw, closed cases too; the unit sees nothing any more."""
    known = set(
        db.execute(
            select(CaseAccess.case_id, CaseAccess.reason).where(CaseAccess.unit_id == heir.id)
        ).tuples()
    )
    mine = select(CaseAccess).where(CaseAccess.unit_id == unit.id, CaseAccess.until_at.is_(None))
    stamps = {f"at_{level}": getattr(heir, f"at_{level}") for level in STAMPED_LEVELS}
    rows = []
    for access in db.scalars(mine).all():
        access.until_at = now
        if (access.case_id, access.reason) not in known:
            rows.append(
                {
                    "county_id": access.county_id,
                    "case_id": access.case_id,
                    "unit_id": heir.id,
                    "reason": access.reason,
                    "from_at": now,
                    **stamps,
                }
            )
    db.flush()
    if rows:
        db.execute(CaseAccess.__table__.insert(), rows)  # type: ignore[attr-defined]
