"""The policy desk: drafts of definitions, and where each published version is in use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables; every version that is there is in use everywhere from its own date."""
    with op.batch_alter_table("version") as table:
        table.add_column(sa.Column("base_id", sa.BigInteger(), nullable=True))
        table.create_foreign_key(op.f("fk_version_base_id"), "version", ["base_id"], ["id"])
        table.create_check_constraint(op.f("ck_version_two_people"), "author_id <> publisher_id")
    _make_rollout()
    _make_process_draft()
    _make_draft_file()
    _make_draft_visitor()
    _make_draft_remark()
    _roll_out_everywhere()


def downgrade() -> None:
    """Drop drafts and rollouts; the versions stay, in use from their own dates."""
    for table in ("draft_remark", "draft_visitor", "draft_file", "process_draft", "rollout"):
        op.drop_table(table)
    with op.batch_alter_table("version") as table:
        table.drop_constraint(op.f("ck_version_two_people"), type_="check")
        table.drop_constraint(op.f("fk_version_base_id"), type_="foreignkey")
        table.drop_column("base_id")


def _roll_out_everywhere() -> None:
    # A version and its rollout never meet in one key, so the version's id serves as well.
    op.execute(
        "INSERT INTO rollout (id, process, version_id, from_at, decided_by, decided_at, reason)"
        " SELECT id, process, id, effective_at, publisher_id, published_at, reason FROM version"
    )


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _make_rollout() -> None:
    op.create_table(
        "rollout",
        _id(),
        sa.Column("process", sa.String(length=64), nullable=False),
        _number("version_id"),
        _number("unit_id", nullable=True),
        sa.Column("from_at", MOMENT, nullable=False),
        _number("decided_by", nullable=True),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        _refers("rollout", "version_id", "version"),
        _refers("rollout", "unit_id", "unit"),
        _refers("rollout", "decided_by", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollout")),
    )
    op.create_index(op.f("ix_rollout_version_id"), "rollout", ["version_id"])
    op.create_index("ix_rollout_process", "rollout", ["process", "from_at", "id"])


def _make_process_draft() -> None:
    op.create_table(
        "process_draft",
        _id(),
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        _number("base_id", nullable=True),
        _number("author_id"),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        _number("changed_by"),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        _number("submitted_by", nullable=True),
        sa.Column("submitted_at", MOMENT, nullable=True),
        _number("approver_id", nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        _number("version_id", nullable=True),
        *_checks_of_draft(),
        _refers("process_draft", "base_id", "version"),
        _refers("process_draft", "version_id", "version"),
        *(
            _refers("process_draft", column, "user")
            for column in ("author_id", "changed_by", "submitted_by", "approver_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_draft")),
    )
    op.create_index("ix_process_draft_process", "process_draft", ["process", "stage"])


def _checks_of_draft() -> list[sa.CheckConstraint]:
    checks = {
        "stage": "stage IN ('editing', 'review', 'published', 'discarded')",
        "second_person": "approver_id <> author_id",
        "not_the_submitter": "approver_id <> submitted_by",
        "ended": "(stage IN ('published', 'discarded')) = (ended_at IS NOT NULL)",
        "approved": "stage <> 'published' OR approver_id IS NOT NULL",
    }
    return [
        sa.CheckConstraint(text, name=op.f(f"ck_process_draft_{name}"))
        for name, text in checks.items()
    ]


def _make_draft_file() -> None:
    op.create_table(
        "draft_file",
        _number("draft_id"),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        _number("saved_by"),
        sa.Column("saved_at", MOMENT, nullable=False),
        _refers("draft_file", "draft_id", "process_draft"),
        _refers("draft_file", "saved_by", "user"),
        sa.PrimaryKeyConstraint("draft_id", "path", "revision", name=op.f("pk_draft_file")),
    )


def _make_draft_visitor() -> None:
    op.create_table(
        "draft_visitor",
        _number("draft_id"),
        _number("user_id"),
        sa.Column("seen_at", MOMENT, nullable=False),
        _refers("draft_visitor", "draft_id", "process_draft"),
        _refers("draft_visitor", "user_id", "user"),
        sa.PrimaryKeyConstraint("draft_id", "user_id", name=op.f("pk_draft_visitor")),
    )


def _make_draft_remark() -> None:
    op.create_table(
        "draft_remark",
        _id(),
        _number("draft_id"),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        _number("author_id"),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("element", sa.String(length=120), nullable=True),
        sa.Column("body", sa.String(length=2000), nullable=False),
        sa.CheckConstraint(
            "kind IN ('comment', 'submitted', 'sent_back', 'published')",
            name=op.f("ck_draft_remark_kind"),
        ),
        _refers("draft_remark", "draft_id", "process_draft"),
        _refers("draft_remark", "author_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_remark")),
    )
    op.create_index(op.f("ix_draft_remark_draft_id"), "draft_remark", ["draft_id"])
