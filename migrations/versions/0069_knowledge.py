"""The knowledge base: articles, versions, uses, and questions without an article."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, empty."""
    _articles()
    op.create_table(
        "article_version",
        sa.Column("article_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "number", name="pk_article_version"),
        _key("article_version", "article_id", "article"),
        _key("article_version", "by_id", "user"),
    )
    op.create_table(
        "article_use",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_article_use"),
        _key("article_use", "article_id", "article"),
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"], ["case.id", "case.county_id"], name="fk_article_use_case_id"
        ),
        sa.UniqueConstraint("article_id", "case_id", name="uq_article_use_article_id_case_id"),
    )
    op.create_table(
        "knowledge_gap",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.String(60), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_knowledge_gap"),
        _key("knowledge_gap", "county_id", "unit"),
        sa.CheckConstraint("question <> '' AND times > 0", name="asked"),
        sa.UniqueConstraint("county_id", "question", name="uq_knowledge_gap_county_id_question"),
    )
    op.create_index("ix_knowledge_gap_county_id", "knowledge_gap", ["county_id", "times"])


def downgrade() -> None:
    """Drop them."""
    for table in ("knowledge_gap", "article_use", "article_version", "article"):
        op.drop_table(table)


def _articles() -> None:
    op.create_table(
        "article",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("words", sa.String(200), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=False),
        sa.Column("confirm_due_at", MOMENT, nullable=True),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_article"),
        _key("article", "county_id", "unit"),
        _key("article", "unit_id", "unit"),
        *(_key("article", one, "user") for one in ("owner_id", "changed_by", "confirmed_by")),
        sa.CheckConstraint("state IN ('proposed', 'confirmed', 'withdrawn')", name="state"),
        sa.CheckConstraint("title <> '' AND answer <> ''", name="says_something"),
        sa.CheckConstraint("number > 0", name="number"),
        sa.CheckConstraint("(state = 'proposed') = (confirm_due_at IS NOT NULL)", name="clock"),
        sa.CheckConstraint("state <> 'confirmed' OR confirmed_at IS NOT NULL", name="confirmed"),
        sa.CheckConstraint("confirmed_by <> changed_by", name="two_people"),
    )
    op.create_index("ix_article_county_id", "article", ["county_id"])


def _key(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}")
