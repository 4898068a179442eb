"""Limits that change in mid-course: emergency profiles, recounts, demands, and why a limit is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KINDS = (
    "timer",
    "sign_warn",
    "sign_due",
    "warn",
    "due",
    "citizen_due",
    "rung",
    "resume",
    "co_due",
)
NEW_KINDS = ("demand_due",)
MOMENT = sa.DateTime(timezone=True)
COLUMNS = {
    "case": (
        ("limit_by", sa.JSON()),
        ("due_given", sa.Boolean()),
        ("table_id", sa.BigInteger()),
    ),
    "task": (
        ("limit_by", sa.JSON()),
        ("floor_at", MOMENT),
        ("table_id", sa.BigInteger()),
    ),
    "extension": (("unit", sa.String(length=16)),),
}


def upgrade() -> None:
    """Add columns and tables; no existing row changes."""
    for table, columns in COLUMNS.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
    _allow_kinds((*KINDS, *NEW_KINDS))
    _make_emergency()
    _make_recount()
    _make_demand()


def downgrade() -> None:
    """Drop what this brought; moments of demands that are still to come go with them."""
    for table in ("demand", "recount", "emergency"):
        op.drop_table(table)
    due = sa.table("due", sa.column("kind", sa.String))
    op.execute(due.delete().where(due.c.kind.in_(NEW_KINDS)))
    _allow_kinds(KINDS)
    for table, columns in COLUMNS.items():
        for name, _kind in reversed(columns):
            op.drop_column(table, name)


def _allow_kinds(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("due") as table:
        table.drop_constraint(op.f("ck_due_kind"), type_="check")
        table.create_check_constraint(op.f("ck_due_kind"), f"kind IN ({listed})")


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _id(table: str) -> list[sa.Column[int] | sa.PrimaryKeyConstraint]:
    return [
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _make_emergency() -> None:
    op.create_table(
        "emergency",
        *_id("emergency"),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("factor", sa.Integer(), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("from_at", MOMENT, nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("until_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("factor BETWEEN 1 AND 100", name=op.f("ck_emergency_factor")),
        sa.CheckConstraint(
            "until_at IS NULL OR until_at >= from_at", name=op.f("ck_emergency_period")
        ),
        sa.CheckConstraint(
            "(until_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_emergency_ended")
        ),
        _refers("emergency", "unit_id", "unit"),
        _refers("emergency", "by_id", "user"),
        _refers("emergency", "ended_by", "user"),
    )
    condition = sa.text("until_at IS NULL")
    op.create_index(
        "uq_emergency_on",
        "emergency",
        ["unit_id"],
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _make_recount() -> None:
    op.create_table(
        "recount",
        *_id("recount"),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "reason IN ('calendar', 'emergency', 'table')", name=op.f("ck_recount_reason")
        ),
        _refers("recount", "unit_id", "unit"),
        _refers("recount", "by_id", "user"),
    )


def _make_demand() -> None:
    op.create_table(
        "demand",
        *_id("demand"),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("issuer_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("rung", sa.JSON(), nullable=True),
        sa.Column("asked", sa.String(length=64), nullable=False),
        sa.Column("limit_amount", sa.Integer(), nullable=False),
        sa.Column("limit_unit", sa.String(length=16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("consequence", sa.String(length=16), nullable=False),
        *_checks_of_demand(),
        *(
            _refers("demand", column, to)
            for column, to in (
                ("task_id", "task"),
                ("unit_id", "unit"),
                ("issuer_id", "unit"),
                ("by_id", "user"),
                ("answered_by", "user"),
                ("closed_by", "user"),
            )
        ),
    )
    op.create_index(op.f("ix_demand_case_id"), "demand", ["case_id"])
    op.create_index("ix_demand_unit", "demand", ["unit_id", "closed_at", "due_at"])
    op.create_index("ix_demand_issuer", "demand", ["issuer_id", "closed_at", "due_at"])


def _checks_of_demand() -> list[sa.Constraint]:
    consequences = "'none', 'reminder', 'interview', 'criticism', 'account'"
    checks = {
        "kind": "kind IN ('notice', 'call')",
        "outcome": "outcome IN ('accepted', 'withdrawn')",
        "consequence": f"consequence IN ({consequences})",
        "round": "round >= 1",
        "closed_with_outcome": "(closed_at IS NULL) = (outcome IS NULL)",
        "answered_by_whom": "(answered_at IS NULL) = (answered_by IS NULL)",
    }
    return [
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"],
            ["case.id", "case.county_id"],
            name=op.f("fk_demand_case_id"),
        ),
        sa.UniqueConstraint("county_id", "number", name=op.f("uq_demand_county_id_number")),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_demand_{name}"))
            for name, condition in checks.items()
        ),
    ]
