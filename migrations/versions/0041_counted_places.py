"""The index of words of SQLite counts by a table, which takes a fraction of the time."""

from __future__ import annotations

from alembic import op

from engine.reading import search_index

revision = "0041"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index anew where it counts by a view."""
    if op.get_bind().dialect.name == "sqlite":
        search_index.make(op.get_bind())


def downgrade() -> None:
    """What makes the index knows no older form of it."""
