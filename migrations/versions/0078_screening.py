"""Screening rounds and what they found; returns count their rows, too."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from engine.models.base import UtcDateTime

revision = "0078"
down_revision = "0081"
branch_labels = None
depends_on = None
REGISTERS, SCREENING = ("committee", "mediator"), ("round", "find")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "screening_round",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("topic", sa.String(120), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("staff", sa.String(200), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
        sa.Column("void_reason", sa.String(200), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("households >= 0 AND places >= 0", name="counts"),
        sa.CheckConstraint("kind IN ('regular', 'holiday', 'special')", name="kind"),
        sa.CheckConstraint("last_on >= first_on", name="period"),
        sa.CheckConstraint("staff <> ''", name="staff"),
        sa.ForeignKeyConstraint(["by"], ["user.id"], name="fk_screening_round_by"),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name="fk_screening_round_county_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_screening_round_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_screening_round"),
    )
    op.create_index("ix_screening_round_unit_id", "screening_round", ["unit_id", "last_on"])
    op.create_table(
        "screening_find",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("place", sa.String(100), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("risk", sa.String(8), nullable=False),
        sa.Column("result", sa.String(8), nullable=False),
        sa.Column("outcome", sa.String(400), nullable=False),
        sa.Column("draft_key", sa.String(32), nullable=True),
        sa.Column("opened_by", sa.BigInteger(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(draft_key IS NULL) = (opened_by IS NULL)", name="opened_by_somebody"),
        sa.CheckConstraint("result IN ('settled', 'opened', 'handed', 'watched')", name="result"),
        sa.CheckConstraint("risk IN ('slight', 'moderate', 'serious')", name="risk"),
        sa.CheckConstraint("title <> '' AND people > 0 AND number > 0", name="says_something"),
        sa.ForeignKeyConstraint(["by"], ["user.id"], name="fk_screening_find_by"),
        sa.ForeignKeyConstraint(["opened_by"], ["user.id"], name="fk_screening_find_opened_by"),
        sa.ForeignKeyConstraint(
            ["round_id"], ["screening_round.id"], name="fk_screening_find_round_id"
        ),
        sa.UniqueConstraint("round_id", "number", name="uq_screening_find_round_id_number"),
        sa.PrimaryKeyConstraint("id", name="pk_screening_find"),
    )
    _allow((*REGISTERS, *SCREENING))


def downgrade() -> None:
    """Take the tables away again, and what returns counted of them."""
    entry = sa.table("return_entry", sa.column("register"))
    op.execute(sa.delete(entry).where(entry.c.register.in_(SCREENING)))
    _allow(REGISTERS)
    op.drop_table("screening_find")
    op.drop_table("screening_round")


def _allow(values: tuple[str, ...]) -> None:
    """Make the table of counted rows anew: SQLite does not change a check in place."""
    listed = ", ".join(f"'{value}'" for value in values)
    rows = op.get_bind().execute(sa.text("SELECT * FROM return_entry")).mappings().all()
    op.drop_table("return_entry")
    table = op.create_table(
        "return_entry",
        sa.Column("return_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("register", sa.String(10), nullable=False, autoincrement=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.CheckConstraint(f"register IN ({listed})", name="register"),
        sa.ForeignKeyConstraint(
            ["return_id"], ["statistic_return.id"], name="fk_return_entry_return_id"
        ),
        sa.PrimaryKeyConstraint("return_id", "register", "row_id", name="pk_return_entry"),
    )
    for row in rows:
        cells = row["cells"]
        told = json.loads(cells) if isinstance(cells, str) else cells
        op.execute(sa.insert(table).values({**row, "cells": told}))
