"""Boundaries of units, in versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.models.base import UtcDateTime

revision = "0071"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "boundary_set",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fallback_id", sa.BigInteger(), nullable=False),
        sa.Column("tolerance", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(10), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("invented", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_boundary_set_number")),
        sa.CheckConstraint(
            "tolerance >= 0 AND tolerance <= 5000", name=op.f("ck_boundary_set_tolerance")
        ),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name=op.f("fk_boundary_set_county_id")),
        sa.ForeignKeyConstraint(
            ["fallback_id"], ["unit.id"], name=op.f("fk_boundary_set_fallback_id")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_boundary_set_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boundary_set")),
        sa.UniqueConstraint("county_id", "number", name=op.f("uq_boundary_set_county_id_number")),
    )
    op.create_table(
        "boundary",
        sa.Column("set_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wkb", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["set_id"], ["boundary_set.id"], name=op.f("fk_boundary_set_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_boundary_unit_id")),
        sa.PrimaryKeyConstraint("set_id", "unit_id", name=op.f("pk_boundary")),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("boundary")
    op.drop_table("boundary_set")
