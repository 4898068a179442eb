"""Each open page of a case says good-bye for itself alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whose page has no name yet gets one with its next sign of life."""
    page = sa.Column("page", sa.String(16), nullable=False, server_default="")
    op.add_column("presence", page)
    with op.batch_alter_table("presence") as batch:
        batch.alter_column("page", server_default=None)


def downgrade() -> None:
    """Any page's good-bye counts again for all of its reader's."""
    with op.batch_alter_table("presence") as batch:
        batch.drop_column("page")
