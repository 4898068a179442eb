"""How long steps take and which ways cases go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.models.base import Hex

revision = "0081"
down_revision = "0090"
branch_labels = None
depends_on = None

KINDS = "kind IN ('here', 'step', 'gone', 'flow', 'back', 'way')"


def upgrade() -> None:
    """Add the tables; what happened before is counted by ``fengqiao stats rebuild``."""
    op.create_table(
        "step_delta",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        *_of_step(),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        *(_number(name) for name in ("minutes", "allowed", "limited", "late")),
        sa.CheckConstraint(KINDS, name="kind"),
        *_references("step_delta"),
        sa.PrimaryKeyConstraint("id", name="pk_step_delta"),
    )
    buckets = (f"b{number:02}" for number in range(16))
    op.create_table(
        "step_figure",
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        *_of_step(),
        sa.Column("span", sa.String(10), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.Column("allowed", sa.BigInteger(), nullable=False),
        *(_number(name) for name in ("dated", "limited", "late", *buckets)),
        sa.CheckConstraint(KINDS, name="kind"),
        *_references("step_figure"),
        sa.PrimaryKeyConstraint(
            *("process", "span", "version_id", "unit_id", "kind", "element"), name="pk_step_figure"
        ),
    )
    op.create_table(
        "way",
        sa.Column("key", Hex(), nullable=False),
        sa.Column("process", sa.String(64), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("end", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_way"),
    )
    op.create_table(
        "case_way",
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("way", Hex(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"], ["case.id", "case.county_id"], name="fk_case_way_case_id"
        ),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_way"),
    )
    op.create_index("ix_case_way_way", "case_way", ["way", "case_id"])


def downgrade() -> None:
    """Remove them."""
    for table in ("case_way", "way", "step_figure", "step_delta"):
        op.drop_table(table)


def _of_step() -> tuple[sa.Column, ...]:
    return (
        sa.Column("unit_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("process", sa.String(64), nullable=False),
        sa.Column("version_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(4), nullable=False),
        sa.Column("element", sa.String(250), nullable=False),
    )


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False)


def _references(table: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    return (
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=f"fk_{table}_unit_id"),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=f"fk_{table}_version_id"),
    )
