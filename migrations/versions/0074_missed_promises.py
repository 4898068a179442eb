"""What a late answer missed stands in the case; open cases whose promise was missed are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from engine import settings
from engine.models.base import UtcDateTime

revision = "0074"
down_revision = "0078"
branch_labels = None
depends_on = None

AT_ONCE = 1000
MEASURES = ("answer_late_from", "answer_late_until")
KEY = ("county_id", "unit_id", "process", "measure", "day")
OPEN = sa.text("closed_at IS NULL")
tally = sa.table("tally", *(sa.column(name) for name in (*KEY, "amount")))
delta = sa.table("tally_delta", sa.column("measure"))
case = sa.table(
    "case",
    *(sa.column(name) for name in ("id", "county_id", "unit_id", "process")),
    *(
        sa.column(name, UtcDateTime)
        for name in ("opened_at", "due_at", "answered_at", "closed_at", "missed_at")
    ),
    sa.column("answers", sa.JSON(none_as_null=True)),
    sa.column("answered_late", sa.Boolean),
)


def upgrade() -> None:
    """Put what was missed in place of the mark that something was, then count."""
    op.add_column("case", sa.Column("missed_at", UtcDateTime(), nullable=True))
    connection = op.get_bind()
    late = sa.select(case.c.id, case.c.answers, case.c.due_at, case.c.opened_at)
    for row in connection.execute(late.where(case.c.answered_late.is_(True))).all():
        missed = _missed(row.answers or ()) or row.due_at or row.opened_at
        connection.execute(case.update().where(case.c.id == row.id).values(missed_at=missed))
    op.drop_column("case", "answered_late")
    op.create_index(
        "ix_case_open_due", "case", ["due_at"], sqlite_where=OPEN, postgresql_where=OPEN
    )
    _count()


def downgrade() -> None:
    """Go back to the mark, and count no more."""
    for table in (tally, delta):
        op.execute(table.delete().where(table.c.measure.in_(MEASURES)))
    op.drop_index("ix_case_open_due", table_name="case")
    op.add_column(
        "case", sa.Column("answered_late", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.execute(case.update().where(case.c.missed_at.is_not(None)).values(answered_late=sa.true()))
    op.drop_column("case", "missed_at")


def _missed(answers: Any) -> datetime | None:
    """Return what was due of the first answer that was late."""
    for one in answers:
        if one.get("due") and datetime.fromisoformat(one["given"]) > (
            due := datetime.fromisoformat(one["due"])
        ):
            return due
    return None


def _count() -> None:
    connection = op.get_bind()
    zone = ZoneInfo(settings.current().timezone)
    sums: Counter[tuple[Any, ...]] = Counter()
    columns = [one for one in case.c if one.name not in ("answers", "answered_late")]
    closed = sa.select(*columns).where(case.c.closed_at.is_not(None), case.c.due_at.is_not(None))
    for row in connection.execute(closed.execution_options(yield_per=AT_ONCE)):
        for measure, day in _marks(row, zone):
            sums[row.county_id, row.unit_id, row.process, measure, day] += 1
    rows = [
        {**dict(zip(KEY, key, strict=True)), "amount": amount}
        for key, amount in sorted(sums.items())
    ]
    for start in range(0, len(rows), AT_ONCE):
        connection.execute(tally.insert(), rows[start : start + AT_ONCE])


def _marks(row: Any, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    late = (row.answered_at or row.closed_at) > row.due_at
    missed = row.missed_at or (row.due_at if late else None)
    if missed is not None:
        yield MEASURES[0], _day(max(missed, row.opened_at), zone)
        yield MEASURES[1], _day(row.closed_at, zone)


def _day(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat()
