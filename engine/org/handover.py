"""Open work that must not be left behind: handed to an heir, or back to the unit's queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union
from sqlalchemy.orm import Session

from engine.access import confidentiality, policy
from engine.access.actors import Actor
from engine.errors import InvalidInput
from engine.models import (
    Case,
    CaseAccess,
    CaseMark,
    CaseState,
    Confidentiality,
    Event,
    Merger,
    Task,
    Unit,
    User,
)
from engine.models.base import STAMPED_LEVELS
from engine.models.mergers import OUT
from engine.org import confidential_units
from engine.org.seats import work_unit
from engine.records.locked_case import LockedCase
from engine.storage import tallies
from feel.text import Text

# Bound parameters in one statement are limited, and so is patience with one.
BATCH = 500
NOBODY_NAMED = Text(
    "有保密件不能交给该单位，又没有指定其他单位办理：请先在“保密件办理单位”中指定，再停用。",
    "Some confidential cases must not go to that unit, and no other unit is named for them: name "
    "one first, then end this one.",
)


@dataclass(frozen=True)
class OpenWork:
    """How many open tasks and cases a unit still has."""

    tasks: int
    cases: int

    def __bool__(self) -> bool:
        return bool(self.tasks or self.cases)


def open_work(db: Session, unit_id: int, reader: Actor | None = None) -> OpenWork:
    """Count what is open in the unit's queue, in its hands, or about its place.

    For a ``reader`` without what goes round them.
    """
    tasks = select(func.count()).where(Task.unit_id == unit_id, Task.done_at.is_(None))
    about = _open_cases(unit_id)
    if reader is not None:
        tasks = tasks.where(*policy.apart(reader, Task))
        about = about.where(policy.not_around(reader))
    cases = select(func.count()).select_from(about.subquery())
    return OpenWork(
        db.scalar(tasks.select_from(Task)) or 0,
        db.scalar(cases) or 0,
    )


def hand_over(db: Session, unit: Unit, heir: Unit, actor: Actor | None, now: datetime) -> int:
    """Give a unit's open cases and tasks, and its right to see old ones, to ``heir``.

    Signed tasks go back to the heir's queue; their clocks run on, nothing is restarted. What is
    confidential and goes round the heir goes to the unit named for that. Returns how many open
    cases changed hands. Raises InvalidInput where none is named.
    """
    touched = union(
        _open_cases(unit.id),
        _cases_with_open_tasks(Task.unit_id == unit.id),
        _cases_going_round(unit.id).where(Case.closed_at.is_(None)),
    )
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
    """Give ``heir`` what the unit has in hand of these open cases; return how many there are.

    The unit goes on to see what it has worked on.
    """
    ids = sorted(db.scalars(cases).all())
    _hand_over(db, ids, unit, heir, actor, now)
    for case in db.scalars(select(Case).where(Case.id.in_(ids))):
        if not confidentiality.avoids(case, heir):
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
        taker = confidential_units.taker(db, case, unit, heir)
        if taker is None:
            raise InvalidInput({"heir": NOBODY_NAMED})
        tasks = _open_tasks(db, case, Task.unit_id == unit.id)
        for task in tasks:
            to = taker if taker is heir else _at_work(db, case, taker, task.role)
            _to_queue(db, case, task, to, now)
            if to is not heir:
                _let_in(db, case, to, now)
        _replace(db, case, unit, heir, taker)
        locked.record(
            db,
            "case.handed_over",
            from_unit=unit.id,
            to_unit=taker.id,
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
    """Yield the cases, locked in the order of their ids, with their states read after the lock."""
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


@dataclass(frozen=True)
class CountedPast:
    """What an open case has counted for the unit that registered it."""

    merged: bool
    ends: Sequence[tuple[str, datetime]]
    marks: Sequence[CaseMark]

    @classmethod
    def of(cls, db: Session, case: Case) -> CountedPast:
        """Read it; three statements."""
        merger, mark, event = (
            (table.case_id == case.id, table.county_id == case.county_id)
            for table in (Merger, CaseMark, Event)
        )
        merged = db.scalar(select(Merger.id).where(*merger, Merger.state != OUT)) is not None
        kinds = Event.kind.in_(("case.closed", "case.reopened"))
        ends = db.execute(select(Event.kind, Event.at).where(*event, kinds))
        found = db.scalars(select(CaseMark).where(*mark, CaseMark.current)).all()
        return cls(merged, [(kind, at) for kind, at in ends], found)

    def count(self, db: Session, case: Case, amount: int) -> None:
        """Count all of it for the unit that the case has now; with -1 it never did."""
        tallies.count_opened(db, case, amount)
        if self.merged:
            tallies.count_merged(db, case, amount)
        for kind, at in self.ends:
            measure = "ended" if kind == "case.closed" else "reopened"
            tallies.count(db, case, case.unit_id, measure, amount, at=at)
        tallies.count_marks(db, case, {one.kind: one for one in self.marks}, amount)


def _open_cases(unit_id: int) -> Select[tuple[int]]:
    """Return ids of open cases about the unit's place or in its hands, found by indexes alone."""
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
        # The heir takes the unit's place: it answers for what the task has counted so far.
        tallies.count_stay(db, case, task, -1)
        # Whether anybody sits in the heir's queue is seen by the next look at empty ones.
        task.unit_id = heir.id
        task.stamp(heir)
        tallies.count_stay(db, case, task, 1)
    tallies.count(db, case, task.unit_id, "waiting", 1, at=now)


def _at_work(db: Session, case: Case, taker: Unit, role: str) -> Unit:
    """Return the unit that does the work of a role for the one that handles a confidential case."""
    unit = work_unit(db, taker, role)
    return taker if confidentiality.avoids(case, unit) else unit


def _replace(db: Session, case: Case, unit: Unit, heir: Unit, taker: Unit) -> None:
    """The case's own references and its counters; the name of its place stays as it was.

    Where a case happened goes to the heir whoever takes it over.
    """
    counted = case.unit_id == unit.id
    past = CountedPast.of(db, case) if counted else None
    if past is not None:
        past.count(db, case, -1)
    for column in ("place_id", "unit_id", "department_id"):
        if getattr(case, column) == unit.id:
            setattr(case, column, heir.id if column == "place_id" else taker.id)
    kept = case.confidentiality if case.guarded else None
    if kept is not None and kept.named_id == unit.id:
        kept.named_id = taker.id
    if past is not None:
        past.count(db, case, 1)


def _pass_on_access(db: Session, unit: Unit, heir: Unit, now: datetime) -> None:
    """The heir sees what the unit saw, closed cases too; the unit sees nothing any more.

    What goes round the heir is seen by whoever is named for it; where nobody is, all stays.
    """
    taking = _takers(db, unit, heir)
    mine = select(CaseAccess).where(CaseAccess.unit_id == unit.id, CaseAccess.until_at.is_(None))
    takers = {heir.id: heir} | {one.id: one for one in taking.values() if one is not None}
    known = set(
        db.execute(
            select(CaseAccess.case_id, CaseAccess.unit_id, CaseAccess.reason).where(
                CaseAccess.unit_id.in_(takers)
            )
        ).tuples()
    )
    rows = []
    for access in db.scalars(mine).all():
        taker = taking.get(access.case_id, heir)
        if taker is None:
            continue
        access.until_at = now
        if (access.case_id, taker.id, access.reason) not in known:
            rows.append(
                {
                    "county_id": access.county_id,
                    "case_id": access.case_id,
                    "unit_id": taker.id,
                    "reason": access.reason,
                    "from_at": now,
                    **{f"at_{level}": getattr(taker, f"at_{level}") for level in STAMPED_LEVELS},
                }
            )
    db.flush()
    if rows:
        db.execute(CaseAccess.__table__.insert(), rows)  # type: ignore[attr-defined]


def _takers(db: Session, unit: Unit, heir: Unit) -> dict[int, Unit | None]:
    """Return who takes over what the unit sees, or handles as the named one, and goes round the
    heir.
    """
    seen = select(CaseAccess.case_id).where(
        CaseAccess.unit_id == unit.id, CaseAccess.until_at.is_(None)
    )
    concerned = select(Case).where(
        Case.guarded, or_(Case.id.in_(seen), Case.id.in_(_cases_going_round(unit.id)))
    )
    taking: dict[int, Unit | None] = {}
    for case in db.scalars(concerned):
        taker = confidential_units.taker(db, case, unit, heir)
        if taker is not heir:
            taking[case.id] = taker
        kept = case.confidentiality
        if kept is not None and kept.named_id == unit.id and taker is not None:
            # A closed one may be reopened.
            kept.named_id = taker.id
    return taking


def _cases_going_round(unit_id: int) -> Select[tuple[int]]:
    """Return ids of the cases that a unit handles because they go round another one."""
    named = select(Confidentiality.case_id).where(Confidentiality.named_id == unit_id)
    return select(Case.id).where(Case.id.in_(named))
