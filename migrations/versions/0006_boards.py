"""Boards: how high a task has climbed, stocks without a day, indexes for figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from engine import settings
from engine.models.base import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STOCKS = ("waiting", "handling")
RATES = ("done_limited", "done_in_time", "closed_limited", "closed_in_time")
AT_ONCE = 1000
KEY = ("county_id", "unit_id", "process", "measure")
tally = sa.table(
    "tally",
    *(sa.column(name) for name in KEY),
    sa.column("day", sa.String),
    sa.column("amount", sa.Integer),
)
delta = sa.table("tally_delta", sa.column("measure"), sa.column("day", sa.String))


def upgrade() -> None:
    """Add the column and the indexes; sum stocks over their days, and count what was not counted:
    open cases, and for the rates what was done and closed with a limit, and within it.
    """
    op.add_column("task", sa.Column("height", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("task") as batch:
        batch.alter_column("height", server_default=None)
    op.create_index("ix_tally_day", "tally", ["day"])
    op.create_index(
        "ix_event_escalated",
        "event",
        ["at"],
        sqlite_where=sa.text("kind = 'escalated'"),
        postgresql_where=sa.text("kind = 'escalated'"),
    )
    _sum_stocks()
    _count_open()
    _count_rates()


def downgrade() -> None:
    """Drop what was added; a stock goes to one day, where its sum is what it was."""
    for table in (tally, delta):
        op.execute(table.delete().where(table.c.measure.in_(["open", *RATES])))
    for table in (tally, delta):
        op.execute(table.update().where(table.c.day == "").values(day="2026-01-01"))
    op.drop_index("ix_event_escalated", table_name="event")
    op.drop_index("ix_tally_day", table_name="tally")
    op.drop_column("task", "height")


def _sum_stocks() -> None:
    columns = [tally.c[name] for name in KEY]
    sums = (
        sa.select(*columns, sa.literal("").label("day"), sa.func.sum(tally.c.amount))
        .where(tally.c.measure.in_(STOCKS))
        .group_by(*columns)
    )
    op.execute(tally.insert().from_select([*KEY, "day", "amount"], sums))
    op.execute(tally.delete().where(tally.c.measure.in_(STOCKS), tally.c.day != ""))
    op.execute(delta.update().where(delta.c.measure.in_(STOCKS)).values(day=""))


def _count_open() -> None:
    case = sa.table(
        "case",
        *(sa.column(name) for name in ("county_id", "unit_id", "process")),
        sa.column("closed_at", sa.DateTime),
    )
    columns = (case.c.county_id, case.c.unit_id, case.c.process)
    counted = (
        sa.select(*columns, sa.literal("open"), sa.literal(""), sa.func.count())
        .where(case.c.closed_at.is_(None))
        .group_by(*columns)
    )
    op.execute(tally.insert().from_select([*KEY, "day", "amount"], counted))


def _count_rates() -> None:
    connection = op.get_bind()
    zone = ZoneInfo(settings.current().timezone)
    sums: Counter[tuple[int, int, str, str, str]] = Counter()
    for what, county, unit, process, at, kept_at, due_at in _limited(connection):
        day = at.astimezone(zone).date().isoformat()
        sums[county, unit, process, f"{what}_limited", day] += 1
        if due_at is None or kept_at <= due_at:
            sums[county, unit, process, f"{what}_in_time", day] += 1
    rows = [
        {**dict(zip([*KEY, "day"], key, strict=True)), "amount": amount}
        for key, amount in sorted(sums.items())
    ]
    for start in range(0, len(rows), AT_ONCE):
        connection.execute(tally.insert(), rows[start : start + AT_ONCE])


def _limited(
    connection: sa.Connection,
) -> Iterator[tuple[str, int, int, str, datetime, datetime, datetime | None]]:
    """What was done with a limit: when, and by when it should have been."""
    case = sa.table(
        "case",
        *(sa.column(name) for name in ("id", "county_id", "unit_id", "process")),
        *(sa.column(name, UtcDateTime) for name in ("closed_at", "answered_at", "due_at")),
    )
    task = sa.table(
        "task",
        *(sa.column(name) for name in ("case_id", "county_id", "unit_id", "outcome")),
        *(sa.column(name, UtcDateTime) for name in ("done_at", "due_at")),
        sa.column("limit_amount"),
    )
    same = (case.c.id == task.c.case_id) & (case.c.county_id == task.c.county_id)
    done = (
        sa.select(
            sa.literal("done"),
            task.c.county_id,
            task.c.unit_id,
            case.c.process,
            task.c.done_at,
            task.c.done_at.label("kept_at"),
            task.c.due_at,
        )
        .select_from(sa.join(task, case, same))
        .where(task.c.outcome == "completed", task.c.limit_amount.is_not(None))
    )
    closed = sa.select(
        sa.literal("closed"),
        case.c.county_id,
        case.c.unit_id,
        case.c.process,
        case.c.closed_at,
        sa.func.coalesce(case.c.answered_at, case.c.closed_at).label("kept_at"),
        case.c.due_at,
    ).where(case.c.closed_at.is_not(None), case.c.due_at.is_not(None))
    for query in (done, closed):
        found = connection.execute(query.execution_options(yield_per=AT_ONCE))
        yield from (tuple(row) for row in found)
