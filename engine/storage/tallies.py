"""Counters as insert-only deltas, folded by the worker; a shared row would be a hot spot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import settings
from engine.models import Case, Tally, TallyDelta, Task, TaskStay
from engine.storage import marks, pending_rows, promises, step_counts
from engine.storage.db import insert_into
from engine.storage.stays import Stay, StayCount

# What there is now, of no day: tasks that wait to be signed for, tasks in hand, open cases.
STOCKS = ("waiting", "handling", "open")
# The message of diagrams by which a unit gives work back as not its own (退单).
BOUNCE = "bounce"


def count(
    db: Session, case: Case, unit_id: int, measure: str, amount: int, *, at: datetime
) -> None:
    """Add ``amount`` to a measure of a unit, a flow on the local day of ``at``."""
    day = "" if measure in STOCKS else at.astimezone(_zone()).date().isoformat()
    _add_delta(db, case, unit_id, measure, day, amount)


def count_opened(db: Session, case: Case, amount: int = 1) -> None:
    """An open case more for the unit that registered it, on the day it was opened."""
    count(db, case, case.unit_id, "opened", amount, at=case.opened_at)
    count(db, case, case.unit_id, "open", amount, at=case.opened_at)


def count_closed(db: Session, case: Case, amount: int = 1) -> None:
    """A closed case more, on the day it was closed; with -1 it never was.

    In time is what was answered by the end of the citizen's clock.
    """
    assert case.closed_at is not None
    at = case.closed_at
    count(db, case, case.unit_id, "open", -amount, at=at)
    count(db, case, case.unit_id, "closed", amount, at=at)
    _count_all(db, case, case.unit_id, promises.closing_counts(case, at, _zone()), amount)


def count_ended(db: Session, case: Case, amount: int = 1) -> None:
    """An end more, on its day; what is opened again has ended all the same."""
    assert case.closed_at is not None
    count(db, case, case.unit_id, "ended", amount, at=case.closed_at)


def count_reopened(db: Session, case: Case, amount: int = 1, *, at: datetime) -> None:
    """A closed case more that was opened again on that day."""
    count(db, case, case.unit_id, "reopened", amount, at=at)


def count_returned(db: Session, case: Case, unit_id: int, *, at: datetime) -> None:
    """A task more that its unit sent back, or gave back as not its own."""
    count(db, case, unit_id, "returned", 1, at=at)


def count_marks(db: Session, case: Case, current: Mapping[str, Any], amount: int) -> None:
    """Count what the current marks of a case say, each on its day; with -1 they never said so."""
    for measure, at in marks.counts(current):
        count(db, case, case.unit_id, measure, amount, at=at)


def count_merged(db: Session, case: Case, amount: int = 1) -> None:
    """Of the cases of the day when it was opened one more is a matter of its own no longer."""
    count(db, case, case.unit_id, "merged", amount, at=case.opened_at)


def count_came(db: Session, case: Case, task: Task, amount: int = 1) -> None:
    """A task more that came to its unit; with -1 it never did."""
    assert task.came_at is not None
    count(db, case, task.unit_id, "came", amount, at=task.came_at)
    step_counts.count_task(db, case, task, amount)


def count_taken(db: Session, case: Case, task: Task, amount: int = 1) -> None:
    """A task more that its unit has signed for, in time or late; with -1 it never did."""
    _count_all(db, case, task.unit_id, Stay.of_task(task).signing_counts(_zone()), amount)


def count_left(db: Session, case: Case, task: Task, amount: int = 1) -> None:
    """A task more that was done, or ended otherwise, on that day; with -1 it never was.

    One that was done before anybody had signed for it has no deadline yet, and kept it.
    """
    _count_all(db, case, task.unit_id, Stay.of_task(task).leaving_counts(_zone()), amount)
    step_counts.count_left(db, case, task, amount)


def count_passed(db: Session, case: Case, task: Task, stay: TaskStay) -> None:
    """A task more that was passed on to another unit; being late stays with who had it."""
    _count_all(db, case, stay.unit_id, Stay.of_row(stay).leaving_counts(_zone()), 1)
    step_counts.count_gone_elsewhere(db, case, task, stay.unit_id)


def count_stay(db: Session, case: Case, task: Task, amount: int) -> None:
    """All that a task has counted in the unit where it is; with -1 it never was there."""
    if task.came_at is None:
        return
    _count_all(db, case, task.unit_id, Stay.of_task(task).counts(_zone()), amount)
    step_counts.count_task(db, case, task, amount)


def _count_all(
    db: Session, case: Case, unit_id: int, counts: Iterable[StayCount], amount: int
) -> None:
    for measure, day, many in counts:
        _add_delta(db, case, unit_id, measure, day, many * amount)


def fold(db: Session, *, batch: int = 5000) -> int:
    """Move the oldest deltas into the counters; return how many were folded.

    Two workers never fold the same delta: each row is locked, locked ones are skipped.
    """
    deltas = db.scalars(
        select(TallyDelta).order_by(TallyDelta.id).limit(batch).with_for_update(skip_locked=True)
    ).all()
    sums: dict[tuple[int, int, str, str, str], int] = {}
    for row in deltas:
        key = (row.county_id, row.unit_id, row.process, row.measure, row.day)
        sums[key] = sums.get(key, 0) + row.amount
    if deltas:
        _add(db, sums)
        db.execute(delete(TallyDelta).where(TallyDelta.id.in_([row.id for row in deltas])))
    return len(deltas)


def _add(db: Session, sums: Mapping[tuple[int, int, str, str, str], int]) -> None:
    """Add to many counters at once; while it lasts SQLite has no other writer."""
    columns = ("county_id", "unit_id", "process", "measure", "day")
    table = Tally.__table__
    statement = insert_into(db, Tally)
    db.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["unit_id", "process", "measure", "day"],
            set_={"amount": table.c.amount + statement.excluded.amount},
        ),
        [
            {**dict(zip(columns, key, strict=True)), "amount": amount}
            # Sorted, so that two folders lock counters in one order.
            for key, amount in sorted(sums.items())
        ],
    )


def _add_delta(db: Session, case: Case, unit_id: int, measure: str, day: str, amount: int) -> None:
    pending_rows.add_values(
        db,
        TallyDelta,
        county_id=case.county_id,
        unit_id=unit_id,
        process=case.process,
        measure=measure,
        day=day,
        amount=amount,
    )


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.current().timezone)
