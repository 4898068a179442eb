"""Citizens follow what others reported; codes at places that open the report filled in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.models.base import Hex, UtcDateTime

revision = "0088"
down_revision = "0082"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "citizen_follow",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("reference_mac", Hex(), nullable=False),
        sa.Column("pass_hash", sa.String(200), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"],
            ["case.id", "case.county_id"],
            name="fk_citizen_follow_case_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_citizen_follow"),
        sa.UniqueConstraint("reference_mac", name="uq_citizen_follow_reference_mac"),
    )
    op.create_index("ix_citizen_follow_case_id", "citizen_follow", ["case_id"])
    op.create_table(
        "citizen_spot",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("choice", sa.String(60), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("reports >= 0", name="reports"),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name="fk_citizen_spot_county_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_citizen_spot_unit_id"),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name="fk_citizen_spot_made_by"),
        sa.PrimaryKeyConstraint("id", name="pk_citizen_spot"),
        sa.UniqueConstraint("code", name="uq_citizen_spot_code"),
    )
    op.create_index("ix_citizen_spot_county_id", "citizen_spot", ["county_id", "id"])
    op.create_index(
        "ix_case_position",
        "case",
        ["county_id", "latitude"],
        sqlite_where=sa.text("latitude IS NOT NULL"),
        postgresql_where=sa.text("latitude IS NOT NULL"),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_index("ix_case_position", table_name="case")
    op.drop_table("citizen_spot")
    op.drop_table("citizen_follow")
