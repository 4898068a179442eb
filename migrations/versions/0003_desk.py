"""What the desk needs: followed cases, saved views, who is on a page, and the index of words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.reading import search_index

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UNSIGNED = sa.text("done_at IS NULL AND assignee_id IS NULL")


def upgrade() -> None:
    """Add tables and an index. The index of words is made by 0039, as it is now."""
    _make_follow()
    _make_saved_view()
    _make_presence()
    op.create_index(
        "ix_task_unsigned",
        "task",
        ["unit_id", "role", "deadline_at", "id"],
        sqlite_where=UNSIGNED,
        postgresql_where=UNSIGNED,
    )


def downgrade() -> None:
    """Drop it all; nothing of it is about a case's course."""
    search_index.drop(op.get_bind())
    op.drop_index("ix_task_unsigned", "task")
    for table in ("presence", "saved_view", "follow"):
        op.drop_table(table)


def _of_person_and_case(table: str) -> list[sa.Column[int] | sa.Constraint]:
    return [
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f(f"fk_{table}_user_id")),
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"],
            ["case.id", "case.county_id"],
            name=op.f(f"fk_{table}_case_id"),
        ),
    ]


def _moment(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _make_follow() -> None:
    op.create_table(
        "follow",
        *_of_person_and_case("follow"),
        _moment("at"),
        sa.PrimaryKeyConstraint("user_id", "case_id", name=op.f("pk_follow")),
    )


def _make_saved_view() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        _moment("at"),
        sa.CheckConstraint("name <> ''", name=op.f("ck_saved_view_named")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_saved_view_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_view_user_id_name")),
    )


def _make_presence() -> None:
    op.create_table(
        "presence",
        *_of_person_and_case("presence"),
        sa.Column("writing", sa.Boolean(), nullable=False),
        _moment("at"),
        sa.PrimaryKeyConstraint("case_id", "user_id", name=op.f("pk_presence")),
    )
