"""A case is found by the number that it had outside."""

from __future__ import annotations

from alembic import op

from engine.reading import search

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The index of words is made anew, with the old numbers in it."""
    dialect = op.get_bind().dialect.name
    for statement in (*search.dropping(dialect), *search.making(dialect)):
        op.execute(statement)


def downgrade() -> None:
    """What the index knows too much does no harm; it is dropped with the rest of it."""
