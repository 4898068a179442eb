"""Cases that are worked on as one: which is in which, and for how many applicants one stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0071"
branch_labels = None
depends_on = None

KINDS = "kind IN ('became', 'related', 'duplicate')"
KINDS_NOW = "kind IN ('became', 'related', 'duplicate', 'merged')"
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Add the columns and the table; no case of before was merged."""
    op.add_column("case", sa.Column("main_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "case",
        sa.Column("applicants", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )
    op.create_table(
        "merger",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("main_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("aside", sa.JSON(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_merger"),
        *(
            sa.ForeignKeyConstraint(
                [column, "county_id"], ["case.id", "case.county_id"], name=f"fk_merger_{column}"
            )
            for column in ("case_id", "main_id")
        ),
        *(
            sa.ForeignKeyConstraint([column], ["user.id"], name=f"fk_merger_{column}")
            for column in ("by_id", "ended_by")
        ),
        sa.CheckConstraint("state IN ('waiting', 'told', 'out', 'ended')", name="state"),
        sa.CheckConstraint("case_id <> main_id", name="not_itself"),
        sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended"),
    )
    op.create_index(
        "uq_merger_waiting",
        "merger",
        ["case_id"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_merger_main_id", "merger", ["main_id", "id"])
    _allow(KINDS_NOW)


def downgrade() -> None:
    """Take them away; what was merged stays set aside until it is reopened by hand."""
    op.execute("DELETE FROM case_link WHERE kind = 'merged'")
    _allow(KINDS)
    op.drop_table("merger")
    op.drop_column("case", "applicants")
    op.drop_column("case", "main_id")


def _allow(kinds: str) -> None:
    with op.batch_alter_table("case_link") as batch:
        batch.drop_constraint(op.f("ck_case_link_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_case_link_kind"), kinds)
