"""What moves need: pauses, extensions, co-handling, remarks, and what a recall restores."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KINDS = ("timer", "sign_warn", "sign_due", "warn", "due", "citizen_due", "rung")
NEW_KINDS = ("resume", "co_due")


def upgrade() -> None:
    """Add columns and tables; no existing row changes."""
    op.add_column("case_state", sa.Column("undo", sa.JSON(), nullable=True))
    op.add_column("task", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("task", sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True))
    _allow_kinds((*KINDS, *NEW_KINDS))
    _make_pause()
    _make_extension()
    _make_participation()
    _make_remark()


def downgrade() -> None:
    """Drop what the moves left behind; moments of theirs that are still to come go with them."""
    for table in ("remark", "participation", "extension", "pause"):
        op.drop_table(table)
    due = sa.table("due", sa.column("kind", sa.String))
    op.execute(due.delete().where(due.c.kind.in_(NEW_KINDS)))
    _allow_kinds(KINDS)
    op.drop_column("task", "joined_at")
    op.drop_column("task", "paused_at")
    op.drop_column("case_state", "undo")


def _allow_kinds(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("due") as table:
        table.drop_constraint(op.f("ck_due_kind"), type_="check")
        table.create_check_constraint(op.f("ck_due_kind"), f"kind IN ({listed})")


def _of_case(table: str) -> list[sa.Column[int] | sa.ForeignKeyConstraint]:
    return [
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"],
            ["case.id", "case.county_id"],
            name=op.f(f"fk_{table}_case_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _while(condition: str) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _make_pause() -> None:
    op.create_table(
        "pause",
        *_of_case("pause"),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("limit_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("until_at IS NULL OR until_at >= from_at", name=op.f("ck_pause_period")),
        _refers("pause", "task_id", "task"),
        _refers("pause", "by_id", "user"),
        sa.UniqueConstraint("task_id", "reason", name=op.f("uq_pause_task_id_reason")),
    )
    op.create_index(
        "uq_pause_running", "pause", ["task_id"], unique=True, **_while("until_at IS NULL")
    )


def _make_extension() -> None:
    op.create_table(
        "extension",
        *_of_case("extension"),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("due_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_extension_amount")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (granted IS NULL)", name=op.f("ck_extension_decided")
        ),
        _refers("extension", "task_id", "task"),
        _refers("extension", "asked_by", "user"),
        _refers("extension", "decided_by", "user"),
        sa.UniqueConstraint("task_id", name=op.f("uq_extension_task_id")),
    )


def _make_participation() -> None:
    op.create_table(
        "participation",
        *_of_case("participation"),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("limit_amount", sa.Integer(), nullable=False),
        sa.Column("limit_unit", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('answered', 'withdrawn', 'closed')",
            name=op.f("ck_participation_outcome"),
        ),
        sa.CheckConstraint(
            "(done_at IS NULL) = (outcome IS NULL)",
            name=op.f("ck_participation_done_with_outcome"),
        ),
        _refers("participation", "task_id", "task"),
        _refers("participation", "unit_id", "unit"),
        _refers("participation", "asked_by", "user"),
        _refers("participation", "done_by", "user"),
    )
    while_open = _while("done_at IS NULL")
    op.create_index(op.f("ix_participation_task_id"), "participation", ["task_id"])
    op.create_index(
        "uq_participation_open", "participation", ["task_id", "unit_id"], unique=True, **while_open
    )
    op.create_index(
        "ix_participation_queue", "participation", ["unit_id", "role", "due_at"], **while_open
    )


def _make_remark() -> None:
    op.create_table(
        "remark",
        *_of_case("remark"),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _refers("remark", "author_id", "user"),
        _refers("remark", "unit_id", "unit"),
    )
    op.create_index("ix_remark_case", "remark", ["case_id", "id"])
