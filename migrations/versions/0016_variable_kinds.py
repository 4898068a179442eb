"""What the variables of a published version are: dates, times, durations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Versions of before know of none: their cases go on as they began."""
    op.add_column("version", sa.Column("kinds", sa.JSON(), nullable=True))


def downgrade() -> None:
    """What was found is found again when a version is published anew."""
    op.drop_column("version", "kinds")
