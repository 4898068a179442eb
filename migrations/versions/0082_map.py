"""Populations of units, and what the map looks cases up by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.models.base import UtcDateTime

revision = "0082"
down_revision = "0079"
branch_labels = None
depends_on = None

OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "population",
        sa.Column("unit_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("entered_by", sa.BigInteger(), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("people > 0", name="people"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_population_unit_id"),
        sa.ForeignKeyConstraint(["entered_by"], ["user.id"], name="fk_population_entered_by"),
        sa.PrimaryKeyConstraint("unit_id", name="pk_population"),
    )
    op.create_index(
        "ix_case_open",
        "case",
        ["county_id", "opened_at"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_case_opened_at", "case", ["county_id", "opened_at", "place_id"])


def downgrade() -> None:
    """Remove them."""
    op.drop_index("ix_case_opened_at", "case")
    op.drop_index("ix_case_open", "case")
    op.drop_table("population")
