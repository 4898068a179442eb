"""How citizens rate the work: one row a rating, from the site and from call-backs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.models.base import UtcDateTime

revision = "0085"
down_revision = "0076"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "citizen_rating",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("opinion", sa.String(12), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("is_solved", sa.Boolean(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("source IN ('site', 'call_back')", name="source"),
        sa.CheckConstraint("opinion IN ('satisfied', 'mostly', 'dissatisfied')", name="opinion"),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"],
            ["case.id", "case.county_id"],
            name="fk_citizen_rating_case_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_citizen_rating"),
    )
    op.create_index("ix_citizen_rating_case_id", "citizen_rating", ["case_id"])
    op.create_index("ix_citizen_rating_county_id_at", "citizen_rating", ["county_id", "at"])


def downgrade() -> None:
    """Remove it."""
    op.drop_table("citizen_rating")
