"""Codes by which citizens confirm a telephone: digests, tries, and the number until it is sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.models.base import Hex, UtcDateTime

revision = "0086"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "citizen_code",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("phone_mac", Hex(), nullable=False),
        sa.Column("code_mac", Hex(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("until_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'failed', 'shown')", name="state"),
        sa.CheckConstraint(
            "(state = 'waiting') = (payload IS NOT NULL)", name="sealed_while_waiting"
        ),
        sa.CheckConstraint("tries >= 0", name="tries"),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name="fk_citizen_code_county_id"),
        sa.PrimaryKeyConstraint("id", name="pk_citizen_code"),
    )
    op.create_index("ix_citizen_code_state", "citizen_code", ["state", "id"])
    op.create_index("ix_citizen_code_until_at", "citizen_code", ["until_at"])


def downgrade() -> None:
    """Remove it."""
    op.drop_table("citizen_code")
