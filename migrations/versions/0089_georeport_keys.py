"""Keys of programs that may send reports by Open311: digests, counted, revoked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.models.base import Hex, UtcDateTime

revision = "0089"
down_revision = "0088"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "georeport_key",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("key_mac", Hex(), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("reports >= 0", name="reports"),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name="fk_georeport_key_county_id"),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name="fk_georeport_key_made_by"),
        sa.PrimaryKeyConstraint("id", name="pk_georeport_key"),
        sa.UniqueConstraint("key_mac", name="uq_georeport_key_key_mac"),
    )
    op.create_index("ix_georeport_key_county_id", "georeport_key", ["county_id"])


def downgrade() -> None:
    """Remove it."""
    op.drop_table("georeport_key")
