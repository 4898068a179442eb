"""Answers that did not hold, and whether one of them was late, stand in the case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give each case the two columns; no earlier answer was withdrawn."""
    op.add_column("case", sa.Column("answers", sa.JSON(none_as_null=True), nullable=True))
    op.add_column(
        "case",
        sa.Column("answered_late", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_column("case", "answered_late")
    op.drop_column("case", "answers")
