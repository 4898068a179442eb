"""What a table promises the citizen for such a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("case", sa.Column("promise", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("case", "promise")
