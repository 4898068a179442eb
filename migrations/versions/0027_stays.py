"""Stays of tasks in units: when a task came, when it was first signed for, what passing it on left.

What tasks count is counted anew from their rows. Units that passed a task on before this have no
row of it: their part went to the unit that has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from engine import settings
from engine.models.base import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BEFORE = ("done_limited", "done_in_time")
LATE = ("from", "until", "minutes")
NEW = (
    *("came", "done", "gone", "sign_limited", "sign_in_time"),
    *(f"late_{one}" for one in LATE),
    *(f"sign_late_{one}" for one in LATE),
)
AT_ONCE = 1000
MINUTE = timedelta(minutes=1)
KEY = ("county_id", "unit_id", "process", "measure", "day")
tally = sa.table("tally", *(sa.column(name) for name in (*KEY, "amount")))
delta = sa.table("tally_delta", sa.column("measure"))
task = sa.table(
    "task",
    *(sa.column(name) for name in ("id", "case_id", "county_id", "unit_id", "outcome")),
    *(sa.column(name) for name in ("limit_amount",)),
    *(
        sa.column(name, UtcDateTime)
        for name in (
            *("opened_at", "started_at", "done_at", "due_at"),
            *("signed_at", "sign_due_at", "came_at", "taken_at"),
        )
    ),
)
case = sa.table("case", *(sa.column(name) for name in ("id", "county_id", "process")))
Mark = tuple[str, str, int]


def upgrade() -> None:
    """Add the columns and the table, then count."""
    _columns()
    op.create_table(
        "task_stay",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("came_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("left_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("sign_due_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("taken_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("limited", sa.Boolean(), nullable=False),
        sa.CheckConstraint("left_at >= came_at", name=op.f("ck_task_stay_period")),
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"],
            ["case.id", "case.county_id"],
            name=op.f("fk_task_stay_case_id"),
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_stay_task_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_task_stay_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_stay")),
    )
    op.create_index(op.f("ix_task_stay_case_id"), "task_stay", ["case_id"])
    op.create_index(op.f("ix_task_stay_unit_id"), "task_stay", ["unit_id"])
    _forget(BEFORE)
    _count(_marks)


def downgrade() -> None:
    """Count as before, by the tasks alone, and drop what was added."""
    _forget((*BEFORE, *NEW))
    _count(_old_marks)
    op.drop_table("task_stay")
    op.drop_column("task", "taken_at")
    op.drop_column("task", "came_at")


def _columns() -> None:
    op.add_column("task", sa.Column("came_at", UtcDateTime(timezone=True), nullable=True))
    op.add_column("task", sa.Column("taken_at", UtcDateTime(timezone=True), nullable=True))
    # What opened a case was done when it began, and waited in no queue.
    waited = sa.or_(task.c.done_at.is_(None), task.c.done_at > task.c.opened_at)
    op.execute(task.update().where(waited).values(came_at=task.c.opened_at))
    op.execute(task.update().where(task.c.came_at.is_not(None)).values(taken_at=task.c.signed_at))


def _forget(measures: tuple[str, ...]) -> None:
    for table in (tally, delta):
        op.execute(table.delete().where(table.c.measure.in_(measures)))


def _count(marks: Any) -> None:
    connection = op.get_bind()
    zone = ZoneInfo(settings.current().timezone)
    sums: Counter[tuple[Any, ...]] = Counter()
    same = (case.c.id == task.c.case_id) & (case.c.county_id == task.c.county_id)
    query = sa.select(task, case.c.process).select_from(sa.join(task, case, same))
    for row in connection.execute(query.execution_options(yield_per=AT_ONCE)):
        for measure, day, amount in marks(row, zone):
            sums[row.county_id, row.unit_id, row.process, measure, day] += amount
    rows = [
        {**dict(zip(KEY, key, strict=True)), "amount": amount}
        for key, amount in sorted(sums.items())
    ]
    for start in range(0, len(rows), AT_ONCE):
        connection.execute(tally.insert(), rows[start : start + AT_ONCE])


def _old_marks(row: Any, zone: ZoneInfo) -> Iterator[Mark]:
    if row.outcome == "completed" and row.limit_amount is not None:
        yield "done_limited", _day(row.done_at, zone), 1
        if row.due_at is None or row.done_at <= row.due_at:
            yield "done_in_time", _day(row.done_at, zone), 1


def _marks(row: Any, zone: ZoneInfo) -> Iterator[Mark]:
    if row.came_at is None:
        return
    yield "came", _day(row.came_at, zone), 1
    signed = row.taken_at or row.done_at
    if row.sign_due_at is not None and signed is not None and signed > row.came_at:
        late = signed > row.sign_due_at
        if late or row.taken_at is not None:
            yield "sign_limited", _day(signed, zone), 1
        if late:
            yield from _late("sign_late", max(row.sign_due_at, row.came_at), signed, zone)
        elif row.taken_at is not None:
            yield "sign_in_time", _day(signed, zone), 1
    if row.done_at is not None:
        yield from _ended(row, zone)


def _ended(row: Any, zone: ZoneInfo) -> Iterator[Mark]:
    day = _day(row.done_at, zone)
    yield "done" if row.outcome == "completed" else "gone", day, 1
    if row.limit_amount is None:
        return
    late = row.due_at is not None and row.done_at > row.due_at
    if late or row.outcome != "cancelled":
        yield "done_limited", day, 1
        if not late:
            yield "done_in_time", day, 1
    if late:
        yield from _late("late", max(row.due_at, row.came_at), row.done_at, zone)


def _late(name: str, begins: datetime, ends: datetime, zone: ZoneInfo) -> Iterator[Mark]:
    yield f"{name}_from", _day(begins, zone), 1
    yield f"{name}_until", _day(ends, zone), 1
    told, day, whole = 0, begins.astimezone(zone).date(), (ends - begins) // MINUTE
    while told < whole:
        day += timedelta(days=1)
        by_then = min(whole, (datetime.combine(day, time.min, zone) - begins) // MINUTE)
        if by_then > told:
            yield f"{name}_minutes", (day - timedelta(days=1)).isoformat(), by_then - told
        told = by_then


def _day(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat()
