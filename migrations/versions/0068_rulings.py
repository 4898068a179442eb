"""Rulings on which unit handles a case, and events that many call about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

RUNNING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Add the two tables; rulings of before are not looked for."""
    op.create_table(
        "precedent",
        *_of_case("precedent"),
        sa.Column("process", sa.String(64), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_precedent_unit_id"),
    )
    op.create_index("ix_precedent_process", "precedent", ["county_id", "process", "id"])
    op.create_table(
        "known_event",
        *_of_case("known_event"),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name="fk_known_event_by_id"),
        sa.ForeignKeyConstraint(["ended_by"], ["user.id"], name="fk_known_event_ended_by"),
        sa.CheckConstraint("words <> ''", name="words"),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= at", name="ended_after"),
    )
    op.create_index(
        "uq_known_event_running",
        "known_event",
        ["case_id"],
        unique=True,
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )
    op.create_index("ix_known_event_county_id", "known_event", ["county_id", "id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("known_event")
    op.drop_table("precedent")


def _of_case(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"], ["case.id", "case.county_id"], name=f"fk_{table}_case_id"
        ),
    ]
