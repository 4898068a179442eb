"""What citizens of a case are told, by which way, and what became of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0069"
branch_labels = None
depends_on = None

SENT = sa.text("delivery_id IS NOT NULL")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "citizen_message",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("node_id", sa.String(120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_by", sa.BigInteger(), nullable=True),
        sa.Column("delivery_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_citizen_message"),
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"],
            ["case.id", "case.county_id"],
            name="fk_citizen_message_case_id",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["case_person.id"], name="fk_citizen_message_person_id"
        ),
        sa.ForeignKeyConstraint(["told_by"], ["user.id"], name="fk_citizen_message_told_by"),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["delivery.id"],
            name="fk_citizen_message_delivery_id",
            ondelete="SET NULL",
        ),
        sa.CheckConstraint("way IN ('sms', 'mail', 'person')", name="way"),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'failed', 'by_hand', 'told', 'repeated', 'unwanted')",
            name="state",
        ),
        sa.CheckConstraint("(state = 'told') = (told_by IS NOT NULL)", name="told_by_somebody"),
        sa.CheckConstraint("text <> ''", name="says_something"),
    )
    op.create_index("ix_citizen_message_case_id", "citizen_message", ["case_id", "id"])
    op.create_index(
        "ix_citizen_message_delivery_id",
        "citizen_message",
        ["delivery_id"],
        unique=True,
        sqlite_where=SENT,
        postgresql_where=SENT,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("citizen_message")
