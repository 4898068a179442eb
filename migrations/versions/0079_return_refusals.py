"""Returns that the unit above sent back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.models.base import UtcDateTime

revision = "0079"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "return_refusal",
        sa.Column("return_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reason <> ''", name="reason"),
        sa.ForeignKeyConstraint(
            ["return_id"], ["statistic_return.id"], name="fk_return_refusal_return_id"
        ),
        sa.ForeignKeyConstraint(["by"], ["user.id"], name="fk_return_refusal_by"),
        sa.PrimaryKeyConstraint("return_id", name="pk_return_refusal"),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("return_refusal")
