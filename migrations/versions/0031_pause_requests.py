"""Pauses that the leader grants: another one of a step, and one shortly before its deadline."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0041"
branch_labels = None
depends_on = None

OPEN = sa.text("decided_at IS NULL")
PEOPLE = {"holder_id": False, "asked_by": False, "decided_by": True}


def upgrade() -> None:
    """Add the table; pauses of before stay as they were taken."""
    op.create_table(
        "pause_request",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=empty) for name, empty in PEOPLE.items()),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("why", sa.String(8), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        *_rules(),
    )
    op.create_index("ix_pause_request_task_id", "pause_request", ["task_id"])
    op.create_index(
        "uq_pause_request_open",
        "pause_request",
        ["task_id", "holder_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    """Drop it; what was granted is in the ledger of pauses."""
    op.drop_table("pause_request")


def _rules() -> list[sa.Constraint]:
    checks = {
        "why": "why IN ('again', 'late')",
        "decided": "(decided_at IS NULL) = (granted IS NULL)",
        "decider": "(decided_at IS NULL) = (decided_by IS NULL)",
        "not_own": "decided_by IS NULL OR decided_by <> asked_by",
    }
    return [
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause_request")),
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"],
            ["case.id", "case.county_id"],
            name=op.f("fk_pause_request_case_id"),
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_pause_request_task_id")),
        *(
            sa.ForeignKeyConstraint([name], ["user.id"], name=op.f(f"fk_pause_request_{name}"))
            for name in PEOPLE
        ),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_pause_request_{name}"))
            for name, rule in checks.items()
        ),
    ]
