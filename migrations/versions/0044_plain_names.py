"""Names that say what they hold: `recalculation` for `recount`, `queue_empty_since` of a task."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0047"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COLUMNS = "id, reason, unit_id, at, by_id, cursor, changed, failed, done_at"


def upgrade() -> None:
    """Rename both; the constraints of the table carry its name, so its rows move."""
    _move("recount", "recalculation")
    _rename("deserted_at", "queue_empty_since", "ix_task_deserted", "ix_task_queue_empty")


def downgrade() -> None:
    """Give both their earlier names."""
    _rename("queue_empty_since", "deserted_at", "ix_task_queue_empty", "ix_task_deserted")
    _move("recalculation", "recount")


def _rename(old: str, new: str, old_index: str, new_index: str) -> None:
    # Both databases rename in place, and neither rewrites the table.
    op.drop_index(old_index, table_name="task")
    op.execute(f"ALTER TABLE task RENAME COLUMN {old} TO {new}")
    waits = sa.text(f"done_at IS NULL AND {new} IS NOT NULL")
    op.create_index(new_index, "task", [new, "id"], sqlite_where=waits, postgresql_where=waits)


def _move(old: str, new: str) -> None:
    op.create_table(
        new,
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "reason IN ('calendar', 'emergency', 'table')", name=op.f(f"ck_{new}_reason")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f(f"fk_{new}_unit_id")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f(f"fk_{new}_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{new}")),
    )
    op.execute(f"INSERT INTO {new} ({COLUMNS}) SELECT {COLUMNS} FROM {old}")  # noqa: S608
    op.drop_table(old)
