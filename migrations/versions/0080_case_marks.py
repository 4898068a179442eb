"""What answers say that figures count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.models.base import UtcDateTime

revision = "0080"
down_revision = "0085"
branch_labels = None
depends_on = None

CURRENT = sa.text("current")


def upgrade() -> None:
    """Add the table; what was answered before is read by ``fengqiao stats rebuild``."""
    op.create_table(
        "case_mark",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("value", sa.Boolean(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('satisfaction', 'solution', 'exclusion', 'contact', 'acceptance', "
            "'settlement')",
            name="kind",
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"], ["case.id", "case.county_id"], name="fk_case_mark_case_id"
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_case_mark_task_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_mark"),
    )
    op.create_index("ix_case_mark_case_id", "case_mark", ["case_id", "kind"])
    op.create_index("ix_case_mark_task_id", "case_mark", ["task_id"])
    where = {"sqlite_where": CURRENT, "postgresql_where": CURRENT}
    op.create_index("uq_case_mark_current", "case_mark", ["case_id", "kind"], unique=True, **where)
    op.create_index("ix_case_mark_at", "case_mark", ["kind", "at"], **where)


def downgrade() -> None:
    """Remove it."""
    op.drop_table("case_mark")
