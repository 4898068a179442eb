"""What opening forms propose, learned of closed cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; the worker fills it by night."""
    op.create_table(
        "suggestion_model",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("learned", sa.Integer(), nullable=False),
        sa.Column("held_back", sa.Integer(), nullable=False),
        sa.Column("first", sa.Float(), nullable=False),
        sa.Column("among_three", sa.Float(), nullable=False),
        sa.Column("model", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "first >= 0 AND first <= among_three AND among_three <= 1",
            name=op.f("ck_suggestion_model_shares"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id"], ["unit.id"], name=op.f("fk_suggestion_model_county_id")
        ),
        sa.PrimaryKeyConstraint("county_id", "process", name=op.f("pk_suggestion_model")),
    )


def downgrade() -> None:
    """Drop it; it is learned again."""
    op.drop_table("suggestion_model")
