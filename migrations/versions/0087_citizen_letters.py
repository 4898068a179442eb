"""Letters between the citizen of a case and whoever works on it, sealed; requests to withdraw."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.models.base import UtcDateTime

revision = "0087"
down_revision = "0077"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "citizen_letter",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('words', 'withdrawal', 'photos')", name="kind"),
        sa.CheckConstraint("(author_id IS NULL) = (unit_id IS NULL)", name="author"),
        sa.CheckConstraint("kind = 'words' OR author_id IS NULL", name="citizens_own"),
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"],
            ["case.id", "case.county_id"],
            name="fk_citizen_letter_case_id",
        ),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name="fk_citizen_letter_author_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_citizen_letter_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_citizen_letter"),
    )
    op.create_index("ix_citizen_letter_case_id", "citizen_letter", ["case_id"])


def downgrade() -> None:
    """Remove it."""
    op.drop_table("citizen_letter")
