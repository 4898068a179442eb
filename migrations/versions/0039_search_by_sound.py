"""Cases are found in traditional characters, by pinyin and by its initials."""

from __future__ import annotations

from alembic import op

from engine.reading import search_index

revision = "0039"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The index of words is made anew, with tables of characters and their sounds."""
    search_index.make(op.get_bind())


def downgrade() -> None:
    """What the index knows too much does no harm; it is dropped with the rest of it."""
