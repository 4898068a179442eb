"""From when the limit of a task counts by law, and which escalations do not count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add column and table; tasks that are open go on as they began."""
    op.add_column("task", sa.Column("counts_from", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "withdrawn_rung",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_withdrawn_rung")),
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"],
            ["case.id", "case.county_id"],
            name=op.f("fk_withdrawn_rung_case_id"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_withdrawn_rung_by_id")),
    )


def downgrade() -> None:
    """Drop both; deadlines that were reckoned stay until something reckons them anew."""
    op.drop_table("withdrawn_rung")
    with op.batch_alter_table("task") as batch:
        batch.drop_column("counts_from")
