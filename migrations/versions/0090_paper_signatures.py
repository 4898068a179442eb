"""Signatures on papers, and the sealed file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.models.base import Hex, UtcDateTime

revision = "0090"
down_revision = "0087"
branch_labels = None
depends_on = None

WHOLE = (
    "(sealed_at IS NULL AND sealed_id IS NULL AND sealed_digest IS NULL"
    " AND sealed_by IS NULL) OR (state = 'final' AND sealed_at IS NOT NULL"
    " AND sealed_id IS NOT NULL AND sealed_digest IS NOT NULL AND sealed_by IS NOT NULL)"
)
CHECKS = {
    "way": "way IN ('screen', 'link', 'paper')",
    "signed_whole": "(way IS NULL) = (signed_at IS NULL)",
    "ink_whole": "way IS NULL OR way = 'paper' OR (ink IS NOT NULL AND proof IS NOT NULL"
    " AND device IS NOT NULL)",
    "scan_there": "way IS NULL OR way <> 'paper' OR scan_id IS NOT NULL",
    "witnessed": "way IS NULL OR way = 'link' OR witness_id IS NOT NULL",
    "token_whole": "(token_mac IS NULL) = (token_until IS NULL)",
    "token_spent": "way IS NULL OR token_mac IS NULL",
}
EDGES = ("left", "bottom", "right", "top")
OWNER = 'UPDATE paper SET unit_id = (SELECT unit_id FROM "case" WHERE "case".id = paper.case_id)'


def upgrade() -> None:
    """Add both; a paper of before has no place to sign, and its unit is that of its case."""
    with op.batch_alter_table("paper") as batch:
        batch.add_column(sa.Column("sealed_id", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("sealed_digest", Hex(), nullable=True))
        batch.add_column(sa.Column("sealed_by", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("sealed_at", UtcDateTime(), nullable=True))
    op.execute(f"{OWNER} WHERE state = 'final' AND unit_id IS NULL")
    with op.batch_alter_table("paper") as batch:
        batch.create_foreign_key("fk_paper_sealed_id", "attachment", ["sealed_id"], ["id"])
        batch.create_foreign_key("fk_paper_sealed_by", "user", ["sealed_by"], ["id"])
        batch.create_check_constraint(op.f("ck_paper_sealed_whole"), WHOLE)
    op.create_table(
        "paper_signature",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("paper_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(20), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        *(sa.Column(edge, sa.Float(), nullable=False) for edge in EDGES),
        sa.Column("way", sa.String(8), nullable=True),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("witness_id", sa.BigInteger(), nullable=True),
        sa.Column("ink", sa.LargeBinary(), nullable=True),
        sa.Column("proof", Hex(), nullable=True),
        sa.Column("device", Hex(), nullable=True),
        sa.Column("scan_id", sa.BigInteger(), nullable=True),
        sa.Column("token_mac", Hex(), nullable=True),
        sa.Column("token_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_paper_signature"),
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"],
            ["case.id", "case.county_id"],
            name="fk_paper_signature_case_id",
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_paper_signature_paper_id"),
        sa.ForeignKeyConstraint(["witness_id"], ["user.id"], name="fk_paper_signature_witness_id"),
        sa.ForeignKeyConstraint(["scan_id"], ["attachment.id"], name="fk_paper_signature_scan_id"),
        sa.UniqueConstraint("paper_id", "key", name="uq_paper_signature_paper_id_key"),
        sa.UniqueConstraint("token_mac", name="uq_paper_signature_token_mac"),
        *(
            sa.CheckConstraint(text, name=op.f(f"ck_paper_signature_{name}"))
            for name, text in CHECKS.items()
        ),
    )
    op.create_index("ix_paper_signature_case_id", "paper_signature", ["case_id"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("paper_signature")
    with op.batch_alter_table("paper") as batch:
        batch.drop_constraint(op.f("ck_paper_sealed_whole"), type_="check")
        batch.drop_constraint("fk_paper_sealed_by", type_="foreignkey")
        batch.drop_constraint("fk_paper_sealed_id", type_="foreignkey")
        for name in ("sealed_at", "sealed_by", "sealed_digest", "sealed_id"):
            batch.drop_column(name)
