"""The index of words holds nothing of who opened a case."""

from __future__ import annotations

from alembic import op

from engine.reading import search_index

revision = "0042"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The index of words is made anew, without the words of opening forms."""
    search_index.make(op.get_bind())


def downgrade() -> None:
    """What the index lacks is looked for by nobody."""
