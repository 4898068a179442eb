"""Boards: how high a task has climbed, stocks without a day, indexes for figures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STOCKS = ("waiting", "handling")
KEY = ("county_id", "unit_id", "process", "measure")
tally = sa.table(
    "tally",
    *(sa.column(name) for name in KEY),
    sa.column("day", sa.String),
    sa.column("amount", sa.Integer),
)
delta = sa.table("tally_delta", sa.column("measure"), sa.column("day", sa.String))


def upgrade() -> None:
    """Add the column and the indexes; sum stocks over their days, and begin to count open cases.

    Rates of what was done in time begin with this release: the counters say nothing of before.
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


def downgrade() -> None:
    """Drop what was added; a stock goes to one day, where its sum is what it was."""
    op.execute(tally.delete().where(tally.c.measure == "open"))
    op.execute(delta.delete().where(delta.c.measure == "open"))
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
