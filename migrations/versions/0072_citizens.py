"""The citizen's side: public sites, cases that citizens follow, photographs, attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.models.base import Hex, UtcDateTime

revision = "0072"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "public_site",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name="fk_public_site_county_id"),
        sa.ForeignKeyConstraint(["changed_by"], ["user.id"], name="fk_public_site_changed_by"),
        sa.PrimaryKeyConstraint("county_id", name="pk_public_site"),
    )
    op.create_table(
        "citizen_case",
        *_of_case(),
        sa.Column("reference_mac", Hex(), nullable=False),
        sa.Column("pass_hash", sa.String(200), nullable=False),
        sa.Column("phone_mac", Hex(), nullable=True),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("consent", sa.String(20), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("NOT confidential OR phone_mac IS NULL", name="found_by_nothing"),
        _same_case("citizen_case"),
        sa.PrimaryKeyConstraint("id", name="pk_citizen_case"),
        sa.UniqueConstraint("case_id", name="uq_citizen_case_case_id"),
        sa.UniqueConstraint("reference_mac", name="uq_citizen_case_reference_mac"),
    )
    op.create_index("ix_citizen_case_phone_mac", "citizen_case", ["phone_mac"])
    op.create_table(
        "citizen_photo",
        *_of_case(),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'ready', 'refused')", name="state"),
        sa.CheckConstraint(
            "(state = 'waiting') = (payload IS NOT NULL)", name="sealed_while_waiting"
        ),
        sa.CheckConstraint("(state = 'waiting') = (done_at IS NULL)", name="done"),
        _same_case("citizen_photo"),
        sa.PrimaryKeyConstraint("id", name="pk_citizen_photo"),
    )
    op.create_index("ix_citizen_photo_case_id", "citizen_photo", ["case_id"])
    op.create_index("ix_citizen_photo_state", "citizen_photo", ["state", "id"])
    op.create_table(
        "citizen_attempt",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("who", Hex(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('report', 'follow', 'code')", name="kind"),
        sa.PrimaryKeyConstraint("id", name="pk_citizen_attempt"),
    )
    op.create_index("ix_citizen_attempt_who", "citizen_attempt", ["who", "kind", "at"])


def downgrade() -> None:
    """Remove them."""
    for table in ("citizen_attempt", "citizen_photo", "citizen_case", "public_site"):
        op.drop_table(table)


def _of_case() -> tuple[sa.Column, ...]:
    return (
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
    )


def _same_case(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["case_id", "county_id"], ["case.id", "case.county_id"], name=f"fk_{table}_case_id"
    )
