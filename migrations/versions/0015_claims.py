"""What a sealed file says of place and time, encrypted, in a column of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what older files claim stays where it was until they are sealed anew."""
    op.add_column("attachment", sa.Column("claims", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Drop it; what was only in there is lost."""
    op.drop_column("attachment", "claims")
