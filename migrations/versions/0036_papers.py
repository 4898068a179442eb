"""Papers made of a case, and the numbers that units give them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

DRAFT = sa.text("state = 'draft'")
WHOLE = (
    "(state = 'final') = (digest IS NOT NULL AND sheet IS NOT NULL"
    " AND attachment_id IS NOT NULL AND final_by IS NOT NULL AND final_at IS NOT NULL)"
)


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "paper",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("number", sa.String(60), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("sheet", sa.String(64), nullable=True),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("attachment_id", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("final_by", sa.BigInteger(), nullable=True),
        sa.Column("final_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_paper"),
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"], ["case.id", "case.county_id"], name="fk_paper_case_id"
        ),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name="fk_paper_attachment_id"
        ),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name="fk_paper_made_by"),
        sa.ForeignKeyConstraint(["final_by"], ["user.id"], name="fk_paper_final_by"),
        sa.UniqueConstraint("county_id", "kind", "number", name="uq_paper_county_id_kind_number"),
        sa.CheckConstraint("state IN ('draft', 'final')", name="state"),
        sa.CheckConstraint(WHOLE, name="final_whole"),
        sa.CheckConstraint("number IS NULL OR state = 'final'", name="number_of_final"),
    )
    op.create_index("ix_paper_case_id", "paper", ["case_id"])
    op.create_index(
        "uq_paper_draft",
        "paper",
        ["case_id", "kind"],
        unique=True,
        sqlite_where=DRAFT,
        postgresql_where=DRAFT,
    )
    op.create_table(
        "paper_series",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "unit_id", "kind", "year", name="pk_paper_series"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_paper_series_unit_id"),
        sa.CheckConstraint("last > 0", name="last"),
    )


def downgrade() -> None:
    """Drop both; what was final is a file of its case and stays."""
    op.drop_table("paper_series")
    op.drop_table("paper")
