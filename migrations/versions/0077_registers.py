"""Registers of people's mediation, and the rows of them that a return counts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.models.base import UtcDateTime

revision = "0077"
down_revision = "0086"
branch_labels = None
depends_on = None
TABLES = ("return_entry", "register_change", "mediator_course", "mediator", "committee")


def upgrade() -> None:
    """Add the tables."""
    _committees()
    _mediators()
    _others()


def downgrade() -> None:
    """Take the tables away again."""
    for table in TABLES:
        op.drop_table(table)


def _committees() -> None:
    op.create_table(
        "committee",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("trade", sa.String(20), nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("seal", sa.String(60), nullable=False),
        sa.Column("founded_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(200), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("(ended_on IS NULL) = (end_reason = '')", name="ended_why"),
        sa.CheckConstraint(
            "kind IN ('village', 'residents', 'township', 'street', 'enterprise', 'social',"
            " 'studio')",
            name="kind",
        ),
        sa.CheckConstraint("name <> ''", name="name"),
        sa.CheckConstraint("ended_on >= founded_on", name="period"),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name="fk_committee_county_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_committee_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_committee"),
    )
    op.create_index("ix_committee_county_id", "committee", ["county_id"])
    op.create_index("ix_committee_unit_id", "committee", ["unit_id"])
    op.create_index(
        "uq_committee_name",
        "committee",
        ["county_id", "name"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )


def _mediators() -> None:
    op.create_table(
        "mediator",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("committee_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("sex", sa.String(6), nullable=False),
        sa.Column("education", sa.String(12), nullable=False),
        sa.Column("full_time", sa.Boolean(), nullable=False),
        sa.Column("office", sa.String(8), nullable=False),
        sa.Column("rank", sa.String(8), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("appointed_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(200), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("(ended_on IS NULL) = (end_reason = '')", name="ended_why"),
        sa.CheckConstraint("name <> ''", name="name"),
        sa.CheckConstraint("office IN ('head', 'deputy', 'member', 'mediator')", name="office"),
        sa.CheckConstraint("ended_on >= appointed_on", name="period"),
        sa.CheckConstraint("sex IN ('', 'female', 'male')", name="sex"),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committee.id"], name="fk_mediator_committee_id"
        ),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name="fk_mediator_county_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_mediator_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_mediator"),
    )
    op.create_index("ix_mediator_committee_id", "mediator", ["committee_id"])
    op.create_index("ix_mediator_user_id", "mediator", ["user_id"])
    op.create_index(
        "uq_mediator_user",
        "mediator",
        ["committee_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL AND user_id IS NOT NULL"),
        postgresql_where=sa.text("ended_on IS NULL AND user_id IS NOT NULL"),
    )


def _others() -> None:
    op.create_table(
        "mediator_course",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("mediator_id", sa.BigInteger(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("hours > 0 AND topic <> ''", name="says_something"),
        sa.ForeignKeyConstraint(["by"], ["user.id"], name="fk_mediator_course_by"),
        sa.ForeignKeyConstraint(
            ["mediator_id"], ["mediator.id"], name="fk_mediator_course_mediator_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mediator_course"),
    )
    op.create_index("ix_mediator_course_mediator_id", "mediator_course", ["mediator_id"])
    op.create_table(
        "register_change",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("committee_id", sa.BigInteger(), nullable=False),
        sa.Column("mediator_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('created', 'changed', 'ended', 'course')", name="kind"),
        sa.ForeignKeyConstraint(["by"], ["user.id"], name="fk_register_change_by"),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committee.id"], name="fk_register_change_committee_id"
        ),
        sa.ForeignKeyConstraint(
            ["mediator_id"], ["mediator.id"], name="fk_register_change_mediator_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_register_change"),
    )
    op.create_index("ix_register_change_committee_id", "register_change", ["committee_id"])
    op.create_table(
        "return_entry",
        sa.Column("return_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("register", sa.String(10), nullable=False, autoincrement=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.CheckConstraint("register IN ('committee', 'mediator')", name="register"),
        sa.ForeignKeyConstraint(
            ["return_id"], ["statistic_return.id"], name="fk_return_entry_return_id"
        ),
        sa.PrimaryKeyConstraint("return_id", "register", "row_id", name="pk_return_entry"),
    )
