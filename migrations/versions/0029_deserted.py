"""Since when nobody sits at the queue of a task."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

WAITS = sa.text("done_at IS NULL AND deserted_at IS NOT NULL")


def upgrade() -> None:
    """Add the column; the worker finds what is empty."""
    op.add_column("task", sa.Column("deserted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_task_deserted",
        "task",
        ["deserted_at", "id"],
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_task_deserted", table_name="task")
    with op.batch_alter_table("task") as batch:
        batch.drop_column("deserted_at")
